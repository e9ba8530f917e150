"""What is said where no task is planned."""

import re
from collections.abc import Collection

from hugginggpt.controllers.offline.inputs import Missing
from hugginggpt.controllers.offline.phrases import GREETING, HELP, THANKS
from hugginggpt.controllers.offline.reading import FILE, FILE_MEDIA
from hugginggpt.flow.artifact import Media

CAN = (
    "read the text of a picture, transcribe speech, read a text aloud, tell whether a text is positive, summarise, "
    "answer a question from a text or from a picture of a document, and draw the edges of a picture"
)
_MORE = "`hugginggpt kinds` lists every kind of task that can be asked for, and `hugginggpt models` what can run here."
_ATTACH = 'Attach files by naming them after the request, as in: hugginggpt run "What is the total on this receipt?" receipt.png'

_HELLO = f"Hello! Tell me what to do, in plain words, with a file if it is about one. I can {CAN}."
_THANKS = "You're welcome."
_HELP = f"I can {CAN}, and do several of these in a row. {_ATTACH}. {_MORE}"
NOT_UNDERSTOOD = (
    f"I did not understand what to do. I can {CAN}. {_ATTACH}. {_MORE} I plan without an LLM, by the words of the request; "
    "an LLM as the controller is not part of this version yet."
)

_SMALL_TALK = ((THANKS, _THANKS), (GREETING, _HELLO), (HELP, _HELP))

_FILES: dict[Media, tuple[str, str]] = {
    "image": ("a picture", "photo.jpg"),
    "audio": ("a sound file", "memo.wav"),
    "video": ("a video", "clip.mp4"),
    "document": ("a document", "report.pdf"),
    "table": ("a table", "data.csv"),
    "text": ("a text", "note.txt"),
    "data": ("a file", "file.json"),
}


def small_talk(text: str, *, attached: bool = False) -> str | None:
    """A friendly word back to a greeting, thanks or a call for help; None if the request is something else."""
    said = re.sub(r"\s+", " ", text.lower().replace("’", "'")).strip()
    if not re.search(r"\w", said) or len(said) > 120:
        return None
    if attached and "this" in said:
        return None  # "what is this?" asks about the file
    return next((reply for pattern, reply in _SMALL_TALK if pattern.fullmatch(said)), None)


def lacking(missing: Missing, request: str, attached: Collection[str] = ()) -> str:
    """Which file to attach; `attached`: the names of those that are, in lower case."""
    what, example = _FILES[missing.media[0]] if missing.media else _FILES["text"]
    asked = " ".join(request.split()).replace('"', "'")
    asked = asked if len(asked) <= 60 else f"{asked[:57]}..."
    files = [at for at in FILE.finditer(request) if at[1].lower() in FILE_MEDIA and at[0].lower() not in attached]
    # A text can be had out of any file.
    fits = [at[0] for at in files if "text" in missing.media or FILE_MEDIA[at[1].lower()] in missing.media]
    named = fits[0] if fits else ""
    if named:
        return (
            f"For that ({missing.kind}) I need {named}, and it is not attached: name it once more after the request, as in: "
            f'hugginggpt run "{asked}" {named}'
        )
    if "text" in missing.media:
        return (
            f"For that ({missing.kind}) I need a text, and there is none in the request: write it after a colon, or "
            f'attach a file, as in: hugginggpt run "{asked}" {example}'
        )
    return (
        f"For that ({missing.kind}) I need {what}, and none is attached: name it after the request, as in: "
        f'hugginggpt run "{asked}" {example}'
    )
