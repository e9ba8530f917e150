"""What the user gets, failures included."""

from typing import Literal

from hugginggpt.flow.artifact import Artifact, Failure, Frozen


class Usage(Frozen):
    """What was used up. Adding two gives their sum; money is None while nothing with a known price was called."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float | None = None

    def __add__(self, other: "Usage") -> "Usage":
        """Their sum."""
        costs = [cost for cost in (self.cost_usd, other.cost_usd) if cost is not None]
        return Usage(
            calls=self.calls + other.calls,
            tokens_in=self.tokens_in + other.tokens_in,
            tokens_out=self.tokens_out + other.tokens_out,
            cost_usd=sum(costs) if costs else None,
        )


class Answer(Frozen):
    """The answer, what was made on the way, and what failed."""

    text: str
    form: Literal["results", "reply", "not-understood"] = "results"
    """`results`: written from tasks; `reply`: no task was needed; `not-understood`: says what can be asked."""
    artifacts: tuple[Artifact, ...] = ()
    failures: tuple[Failure, ...] = ()
    usage: Usage = Usage()
