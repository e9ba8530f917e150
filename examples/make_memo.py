"""Make inputs/memo.wav, a happy voice memo, with the program flite: `python examples/make_memo.py`."""

import tempfile
from pathlib import Path

from hugginggpt.backends.builtin.speech import flite
from hugginggpt.backends.expert import Job
from hugginggpt.flow.artifact import Text

SAID = "We are very happy with our new garden. Thank you very much for the beautiful flowers."


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        [speech] = flite(Job(inputs={"text": [Text(text=SAID)]}, files={}, folder=Path(folder)))
        memo = Path(__file__).parent / "inputs" / "memo.wav"
        memo.parent.mkdir(exist_ok=True)
        memo.write_bytes(speech.path.read_bytes())


if __name__ == "__main__":
    main()
