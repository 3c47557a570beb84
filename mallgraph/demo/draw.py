"""Draws the pictures of the demo shop: `python -m mallgraph.demo.draw`; the same on every run."""

from pathlib import Path

from mallgraph.demo import (
    draw_audio,
    draw_bicycle,
    draw_kitchen,
    draw_outdoor,
    draw_paper,
    draw_tea,
)

PICTURES: dict[str, str] = {
    **draw_audio.PICTURES,
    **draw_kitchen.PICTURES,
    **draw_outdoor.PICTURES,
    **draw_bicycle.PICTURES,
    **draw_tea.PICTURES,
    **draw_paper.PICTURES,
}


def write(folder: Path) -> None:
    """Write one file for each product, named by its slug."""
    folder.mkdir(exist_ok=True)
    for slug, svg in PICTURES.items():
        (folder / f"{slug}.svg").write_text(svg, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(__file__).parent / "pictures")
