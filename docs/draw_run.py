"""Draws docs/run.svg: a real run of the README's example, as the terminal shows it. Run from the repository's root."""

import asyncio
import io
import re
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

import hugginggpt
from hugginggpt.apps.screen import draw
from hugginggpt.stores.export import save

REQUEST, FILE = "What is the total on this receipt? Say it aloud.", "examples/inputs/receipt.png"


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with hugginggpt.build(data_dir=Path(folder)) as gpt:
            run = None
            async for event in gpt.stream(REQUEST, files=[FILE]):
                run = run.after(event) if run else hugginggpt.Run.begin(event)
            assert run is not None and run.answer is not None
            saved = await save(run, gpt.blobs, Path(folder) / "out")
    console = Console(record=True, width=110, file=io.StringIO(), force_terminal=True)
    console.print(Text(f'$ hugginggpt run "{REQUEST}" receipt.png', style="bold"))
    console.print(draw(run))
    console.print(Text("\n" + run.answer.text.rstrip()))
    console.print("\nFiles:")
    for path in (path for paths in saved.values() for path in paths):
        console.print(Text(f"hugginggpt-out/{run.id}/{path.name}"))
    svg = console.export_svg(title="hugginggpt")
    # No font from another host: the reader's own monospaced one does.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL).replace("Fira Code", "ui-monospace")
    Path("docs/run.svg").write_text(svg, encoding="utf-8")  # noqa: ASYNC240


if __name__ == "__main__":
    asyncio.run(main())
