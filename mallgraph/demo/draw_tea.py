"""Pictures of tea, of what it is made in, and of what is eaten with it."""

from mallgraph.demo.canvas import (
    BRASS,
    INK,
    WHITE,
    WOOD,
    circle,
    ellipse,
    ground,
    group,
    picture,
    rect,
    shaded,
    shape,
    stroke,
)

_LEAF = "M0 0 C30 -50 90 -50 120 0 C90 50 30 50 0 0 Z"


def tin(paint: str, label: str, mark: str) -> str:
    """A tea caddy with a paper label and some of its leaves."""
    leaves = [
        group(f"translate({x} {y}) rotate({turn}) scale(.5)", shape(mark, _LEAF))
        for x, y, turn in ((130, 640, -20), (190, 655, 15), (590, 640, 10), (630, 660, -25))
    ]
    sprig = [
        group(f"translate(400 470) rotate({turn})", shape(mark, _LEAF)) for turn in (-150, -90, -30)
    ]
    return "".join(
        (
            ground(420),
            rect(260, 240, 280, 420, paint, 18),
            shaded("M450 240 H522 C532 240 540 248 540 258 V642 C540 652 532 660 522 660 H450 Z"),
            *(rect(250, 170, 300, 90, paint, 20), rect(250, 244, 300, 16, INK, 8, 0.2)),
            *(rect(300, 330, 200, 240, label, 10), *sprig, stroke(mark, 8, "M400 470 V540")),
            *(rect(276, 280, 14, 340, WHITE, 7, 0.35), *leaves),
        )
    )


def tea_cake(tea: str, wrap: str) -> str:
    """A pressed cake of tea, half out of its paper."""
    flecks = [
        stroke("#b79a6c", 6, f"M{x} {y} l{18 + (x + y) % 13} {(x * 7 + y) % 17 - 8}", 0.8)
        for x in range(250, 540, 44)
        for y in range(260, 440, 36)
    ]
    return "".join(
        (
            ellipse(400, 640, 260, 26, INK, 0.16),
            circle(400, 390, 240, tea),
            *flecks,
            shape(
                wrap,
                "M150 420 C240 470 560 470 650 420 C650 560 540 640 400 640 S150 560 150 420 Z",
            ),
            shape(
                WHITE, "M150 420 C240 470 560 470 650 420 L640 470 C560 510 240 510 160 470 Z", 0.5
            ),
            *(
                circle(400, 555, 46, "#b5402f"),
                shape(WHITE, "M384 532 H416 V548 H384 Z M384 560 H416 V576 H384 Z"),
            ),
        )
    )


def clay_pot(clay: str, knob: str) -> str:
    """A small round teapot."""
    return "".join(
        (
            ground(400, 610),
            shape(clay, "M220 480 C150 470 150 370 90 350 L130 320 C190 350 210 400 260 400 Z"),
            stroke(clay, 34, "M570 380 C720 330 720 560 560 540"),
            shape(
                clay,
                "M200 460 C200 330 300 290 400 290 S600 330 600 460 S510 605 400 605"
                " S200 590 200 460 Z",
            ),
            shaded("M500 306 C560 330 600 380 600 460 S510 605 400 605 C500 560 530 420 500 306 Z"),
            *(ellipse(400, 300, 120, 28, clay), ellipse(400, 300, 120, 28, WHITE, 0.12)),
            shape(clay, "M300 296 C310 250 490 250 500 296 Z"),
            circle(400, 238, 28, knob),
            stroke(WHITE, 14, "M244 450 C250 390 290 350 330 336", 0.3),
        )
    )


def gaiwan(china: str, line: str) -> str:
    """A lidded bowl on its saucer."""
    return "".join(
        (
            ellipse(400, 640, 300, 30, INK, 0.14),
            shape(china, "M130 580 H670 C640 640 520 650 400 650 S160 640 130 580 Z"),
            stroke(line, 8, "M150 596 C280 616 520 616 650 596"),
            shape(china, "M190 350 H610 C610 500 520 590 470 600 H330 C280 590 190 500 190 350 Z"),
            shaded("M545 350 H610 C610 500 520 590 470 600 H440 C520 540 548 440 545 350 Z"),
            stroke(line, 8, "M196 376 H604"),
            shape(china, "M220 348 C240 250 340 230 400 230 S560 250 580 348 Z"),
            *(
                stroke(line, 6, "M240 320 H560"),
                rect(360, 196, 80, 40, china, 12),
                stroke(line, 6, "M364 214 H436"),
            ),
            group("translate(350 470) rotate(-30) scale(.9)", shape(line, _LEAF, 0.7)),
            group("translate(390 490) rotate(20) scale(.7)", shape(line, _LEAF, 0.5)),
        )
    )


def cups(glaze: str, tea: str) -> str:
    """Four tasting cups on a tray."""
    tray = rect(110, 560, 580, 60, WOOD, 20) + rect(110, 560, 580, 18, WHITE, 9, 0.25)
    back = "".join(_cup(x, 400, glaze, tea) for x in (300, 500))
    front = "".join(_cup(x, 470, glaze, tea) for x in (220, 400, 580))
    return ground(600, 632) + tray + back + front


def _cup(x: float, y: float, glaze: str, tea: str) -> str:
    bowl = (
        f"M{x - 80} {y} H{x + 80} C{x + 76} {y + 80} {x + 40} {y + 110} {x} {y + 110}"
        f" S{x - 76} {y + 80} {x - 80} {y} Z"
    )
    inside = ellipse(x, y, 80, 18, WHITE) + ellipse(x, y + 4, 66, 12, tea)
    return shape(glaze, bowl) + stroke(WHITE, 8, f"M{x - 54} {y + 34} l10 34", 0.45) + inside


def pitcher(glass: str, tea: str) -> str:
    """A glass jug for sharing, half full."""
    return "".join(
        (
            ground(340),
            stroke(glass, 26, "M540 330 C690 320 690 540 530 540"),
            shape(
                glass,
                "M220 240 L270 280 H560 L540 600 C538 650 500 660 400 660 S262 650 260 600"
                " L254 300 Z",
                0.75,
            ),
            shape(tea, "M262 430 H552 L541 600 C538 640 500 648 400 648 S268 640 266 600 Z", 0.85),
            ellipse(407, 430, 145, 18, WHITE, 0.3),
            stroke(WHITE, 16, "M292 330 L300 600", 0.6),
        )
    )


def mooncakes(dough: str, filling: str) -> str:
    """Pressed cakes on a plate, one cut open."""
    cut = shape(filling, "M500 520 L590 480 L650 540 L560 590 Z") + stroke(
        dough, 14, "M500 520 L590 480 L650 540 L560 590 Z"
    )
    return "".join(
        (
            ellipse(400, 600, 320, 60, INK, 0.12),
            *(ellipse(400, 585, 320, 62, WHITE), ellipse(400, 578, 262, 44, "#e8eef0")),
            *(_flower_cake(x, y, dough) for x, y in ((230, 500), (395, 480))),
            cut,
        )
    )


def _flower_cake(x: float, y: float, dough: str) -> str:
    petals = "".join(
        group(f"rotate({turn} {x} {y})", circle(x, y - 66, 40, dough)) for turn in range(0, 360, 45)
    )
    marks = "".join(
        group(f"rotate({turn} {x} {y})", ellipse(x, y - 34, 10, 24, INK, 0.16))
        for turn in range(0, 360, 60)
    )
    return (
        petals + circle(x, y, 84, dough) + _circlet(x, y, 70) + marks + circle(x, y, 12, INK, 0.2)
    )


def flaky_pastry(crust: str, seal: str) -> str:
    """Round flaky pastries with a red seal, in a paper box."""
    box = rect(130, 360, 540, 260, "#c9a06b", 18) + rect(150, 380, 500, 220, "#f1dfc3", 10)
    cakes = "".join(_pastry(x, y, crust, seal) for y in (440, 540) for x in (230, 345, 460, 575))
    lid = shape("#b78a54", "M130 360 L180 240 H620 L670 360 Z") + rect(
        300, 270, 200, 60, BRASS, 8, 0.8
    )
    return ground(580, 632) + lid + box + cakes


def _pastry(x: float, y: float, crust: str, seal: str) -> str:
    layers = _circlet(x, y, 36) + _circlet(x, y, 24)
    return circle(x, y, 50, crust) + layers + circle(x, y, 12, seal)


def _circlet(x: float, y: float, radius: float) -> str:
    path = (
        f"M{x - radius} {y} a{radius} {radius} 0 1 0 {2 * radius} 0"
        f" a{radius} {radius} 0 1 0 {-2 * radius} 0"
    )
    return stroke(INK, 4, path, 0.16)


PICTURES = {
    "明前绿茶": picture("#e4efdc", tin("#4d7c4f", "#f4efe0", "#6f9a4e")),
    "岩骨乌龙": picture("#efe4d8", tin("#5a3b2b", "#f0e2c8", "#a0622d")),
    "茉莉花茶": picture("#f1eee2", tin("#e8dfc6", "#fffdf6", "#7fa36b")),
    "陈年白茶饼": picture("#ece7da", tea_cake("#7d6a4a", "#f2ead6")),
    "紫泥小壶": picture("#eadfd8", clay_pot("#7a4636", "#8f5643")),
    "青线盖碗": picture("#dde8ee", gaiwan("#fbfbf8", "#3f6d95")),
    "天青品茗杯": picture("#e2eeea", cups("#8fb8ad", "#c98f3a")),
    "玻璃公道杯": picture("#f0e9dc", pitcher("#d5e6ea", "#d08a35")),
    "绿豆冰糕": picture("#eaf1dd", mooncakes("#c9cf86", "#a8b25c")),
    "桂花酥": picture("#f6ead6", flaky_pastry("#f3d9a4", "#c8402f")),
}
