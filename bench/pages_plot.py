"""The ratios as a drawing: a group of bars for each page, a bar for each server."""

from collections.abc import Iterator, Mapping
from html import escape

Ratios = Mapping[str, Mapping[str, float]]

_COLOURS = {
    "hand": "#8a8f98",
    "mercurius": "#d98e04",
    "core": "#b8405e",
    "mallgraph": "#1f6feb",
    "fragments": "#2da44e",
}
_LEFT, _WIDTH, _BAR, _GAP, _TOP = 90, 560, 14, 16, 56
#: Room for the words behind the longest bar.
_MARGIN = 110


def svg(ratios: Ratios, yardstick: str) -> str:
    """Return a drawing of the CPU of each page, as a multiple of the yardstick's."""
    most = max(ratio for servers in ratios.values() for ratio in servers.values())
    scale = _WIDTH / most
    groups = [(page, len(servers)) for page, servers in ratios.items()]
    height = _TOP + sum(count * _BAR + _GAP for _, count in groups)
    lines = [*_head(height, yardstick), *_one(scale, height), *_bars(ratios, scale), "</svg>"]
    return "\n".join(lines) + "\n"


def _head(height: int, yardstick: str) -> Iterator[str]:
    width = _LEFT + _WIDTH + _MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="11">'
    )
    yield '<rect width="100%" height="100%" fill="#ffffff"/>'
    title = f"CPU of the server per request, as a multiple of {yardstick}; shorter is better"
    yield f'<text x="10" y="22" font-size="14">{escape(title)}</text>'


def _bars(ratios: Ratios, scale: float) -> Iterator[str]:
    top = _TOP
    for page, servers in ratios.items():
        yield f'<text x="10" y="{top + _BAR - 3}" font-weight="bold">{escape(page)}</text>'
        for server, ratio in servers.items():
            yield _bar(server, ratio, scale, top)
            top += _BAR
        top += _GAP


def _bar(server: str, ratio: float, scale: float, top: int) -> str:
    long, end = ratio * scale, _LEFT + ratio * scale + 4
    colour = _COLOURS.get(server, "#444444")
    return (
        f'<rect x="{_LEFT}" y="{top}" width="{long:.1f}" height="{_BAR - 2}" fill="{colour}"/>'
        f'<text x="{end:.1f}" y="{top + _BAR - 4}">{ratio:.2f} {escape(server)}</text>'
    )


def _one(scale: float, height: int) -> Iterator[str]:
    """Draw the line that the yardstick ends at."""
    x = _LEFT + scale
    line = f'x1="{x:.1f}" y1="{_TOP - 8}" x2="{x:.1f}" y2="{height - 8}"'
    yield f'<line {line} stroke="#8a8f98" stroke-dasharray="3 3"/>'
