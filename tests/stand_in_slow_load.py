"""An expert whose model never finishes loading."""

import time
from collections.abc import Sequence

from hugginggpt.backends.expert import Job, Made
from hugginggpt.flow.artifact import Data, Text


def load() -> None:
    time.sleep(3600)


def shout(job: Job) -> Sequence[Text | Data | Made]:
    return [Text(text="never")]
