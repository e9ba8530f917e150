"""What a person asks: plain words, files attached, and what was said before."""

from typing import NewType

from hugginggpt.flow.artifact import Frozen, Part

ConversationId = NewType("ConversationId", str)
Owner = NewType("Owner", str)


class Turn(Frozen):
    """An earlier exchange of the same conversation."""

    request: str
    answer: str
    parts: tuple[Part, ...] = ()
    """What was attached to it and what it made, oldest first."""


class Request(Frozen):
    """Plain words with files attached."""

    text: str
    attachments: tuple[Part, ...] = ()
    history: tuple[Turn, ...] = ()
    conversation: ConversationId | None = None
    owner: Owner | None = None
