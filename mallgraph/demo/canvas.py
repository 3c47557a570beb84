"""Flat shapes on a square of 800 by 800, as SVG text; the point (400, 400) is the middle."""

WHITE, INK, STEEL, BRASS, WOOD = "#ffffff", "#2b2f36", "#b9c2c9", "#c79a4b", "#c08a57"


def picture(background: str, *shapes: str) -> str:
    """Return a whole picture: a soft disc, a shadow on the ground, and the thing itself."""
    size = 'width="800" height="800" viewBox="0 0 800 800"'
    parts = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        rect(0, 0, 800, 800, background),
        circle(400, 390, 330, WHITE, 0.45),
        *shapes,
        "</svg>",
    )
    return "\n".join(parts) + "\n"


def ground(width: float = 400, y: float = 660, x: float = 400) -> str:
    """Return the shadow of a thing that stands at height `y`."""
    return ellipse(x, y, width / 2, 20, INK, 0.16)


def rect(  # noqa: PLR0913, PLR0917  A rectangle has so many sides to it.
    x: float, y: float, width: float, height: float, fill: str, radius: float = 0, alpha: float = 1
) -> str:
    """Return a rectangle by its upper left corner."""
    corner = f' rx="{_n(radius)}"' if radius else ""
    size = f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'
    return f"<rect {size}{corner}{_paint(fill, alpha)}/>"


def circle(x: float, y: float, radius: float, fill: str, alpha: float = 1) -> str:
    """Return a disc by its middle."""
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"{_paint(fill, alpha)}/>'


def ellipse(  # noqa: PLR0913, PLR0917  As above.
    x: float, y: float, width: float, height: float, fill: str, alpha: float = 1
) -> str:
    """Return an ellipse by its middle and its two radii."""
    size = f'cx="{_n(x)}" cy="{_n(y)}" rx="{_n(width)}" ry="{_n(height)}"'
    return f"<ellipse {size}{_paint(fill, alpha)}/>"


def ring(x: float, y: float, radius: float, stroke: str, width: float) -> str:
    """Return a circle that is open inside."""
    place = f'cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"'
    return f'<circle {place} fill="none" stroke="{stroke}" stroke-width="{_n(width)}"/>'


def shape(fill: str, path: str, alpha: float = 1) -> str:
    """Return a filled outline, written in the words of an SVG path."""
    return f'<path d="{path}"{_paint(fill, alpha)}/>'


def stroke(colour: str, width: float, path: str, alpha: float = 1) -> str:
    """Return a line with round ends, written in the words of an SVG path."""
    see = f' stroke-opacity="{alpha}"' if alpha < 1 else ""
    look = f'fill="none" stroke="{colour}" stroke-width="{_n(width)}"{see}'
    return f'<path d="{path}" {look} stroke-linecap="round" stroke-linejoin="round"/>'


def group(transform: str, *shapes: str) -> str:
    """Return shapes that are moved, turned or scaled together."""
    return f'<g transform="{transform}">{"".join(shapes)}</g>'


def mirrored(*shapes: str) -> str:
    """Return shapes of the left half together with their image on the right."""
    return "".join(shapes) + group("matrix(-1 0 0 1 800 0)", *shapes)


def shaded(side: str) -> str:
    """Return an outline in a thin dark glaze: the side of a thing that turns from the light."""
    return shape(INK, side, 0.12)


def _paint(fill: str, alpha: float) -> str:
    return f' fill="{fill}"' + (f' fill-opacity="{alpha}"' if alpha < 1 else "")


def _n(number: float) -> str:
    return f"{number:g}"
