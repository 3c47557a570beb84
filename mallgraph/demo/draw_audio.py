"""Pictures of headphones, speakers and record players."""

from mallgraph.demo.canvas import (
    BRASS,
    INK,
    STEEL,
    WHITE,
    WOOD,
    circle,
    ellipse,
    ground,
    group,
    mirrored,
    picture,
    rect,
    ring,
    shaded,
    shape,
    stroke,
)


def headphones(shell: str, pad: str, cable: str = "") -> str:
    """Two cups on a padded band, with a cable if it has a colour."""
    cord = stroke(cable, 9, "M212 560 C205 680 330 640 400 690 S560 700 610 650") if cable else ""
    return cord + mirrored(
        stroke(shell, 34, "M212 450 C200 130 400 120 402 120"),
        stroke(pad, 20, "M258 250 C300 165 380 152 402 152"),
        stroke(STEEL, 16, "M212 400 L212 470"),
        rect(168, 420, 92, 190, shell, 44),
        rect(244, 430, 50, 170, pad, 24),
        rect(184, 445, 18, 140, WHITE, 9, 0.25),
    )


def earbuds(shell: str, tip: str) -> str:
    """A pair over its open case."""
    case = (
        shape(shell, "M240 470 H560 V560 C560 640 500 650 400 650 S240 640 240 560 Z"),
        shaded("M240 470 H560 V500 H240 Z"),
        circle(400, 560, 9, tip),
        rect(268, 520, 16, 70, WHITE, 8, 0.3),
    )
    bud = (
        rect(298, 250, 44, 180, shell, 22),
        circle(310, 250, 62, shell),
        ellipse(362, 238, 26, 34, tip),
        circle(292, 236, 16, WHITE, 0.35),
        rect(312, 408, 16, 10, tip, 5),
    )
    return ground(340) + "".join(case) + mirrored(*bud)


def bookshelf_speakers(case: str, front: str) -> str:
    """Two wooden boxes with two cones each."""
    box = (
        ground(230, 650, 270),
        rect(160, 170, 220, 480, case, 14),
        rect(176, 186, 188, 448, front, 8),
        *(circle(270, 290, 56, INK), circle(270, 290, 22, STEEL)),
        *(circle(270, 500, 86, INK), circle(270, 500, 62, "#474d57"), circle(270, 500, 24, STEEL)),
        stroke(WHITE, 6, "M210 470 A66 66 0 0 1 250 438", 0.5),
    )
    return mirrored(*box)


def pocket_speaker(body: str, cord: str) -> str:
    """A round little thing with a hole pattern and a loop to hang it by."""
    holes = [
        circle(x, y, 8, INK, 0.45)
        for y in range(300, 541, 34)
        for x in range(262, 540, 34)
        if (x - 400) ** 2 + (y - 420) ** 2 < 24000  # noqa: PLR2004  Inside the rim.
    ]
    loop = stroke(cord, 18, "M520 240 C600 150 660 260 575 300")
    rim = circle(400, 420, 205, body) + circle(400, 420, 172, WHITE, 0.18)
    return ground(320) + loop + rim + "".join(holes)


def soundbar(body: str, cloth: str) -> str:
    """A long low bar on two feet under a picture frame of light."""
    threads = [stroke(WHITE, 2, f"M{x} 420 V500", 0.18) for x in range(130, 680, 18)]
    return "".join(
        (
            ground(600, 530),
            *(rect(170, 505, 60, 22, INK, 6), rect(570, 505, 60, 22, INK, 6)),
            rect(90, 400, 620, 112, body, 30),
            rect(112, 412, 576, 88, cloth, 22),
            *threads,
            *(circle(x, 456, 6, BRASS) for x in (620, 642, 664)),
        )
    )


def radio(body: str, front: str) -> str:
    """A table radio with one large dial and a handle."""
    slots = [rect(196, y, 200, 12, INK, 6, 0.55) for y in range(360, 560, 30)]
    return "".join(
        (
            ground(500, 625),
            stroke(WOOD, 22, "M250 305 C250 215 550 215 550 305"),
            *(rect(200, 590, 40, 36, WOOD, 6), rect(560, 590, 40, 36, WOOD, 6)),
            rect(140, 295, 520, 310, body, 46),
            rect(168, 325, 464, 250, front, 28),
            *slots,
            *(circle(520, 430, 80, WHITE), circle(520, 430, 62, front)),
            stroke("#d9573f", 8, "M520 430 L562 386"),
            *(circle(470, 546, 16, BRASS), circle(570, 546, 16, BRASS)),
        )
    )


def turntable(plinth: str, mat: str) -> str:
    """A record player from above, arm at rest."""
    grooves = [ring(355, 400, radius, "#4a505a", 3) for radius in (105, 130, 155, 180)]
    return "".join(
        (
            rect(120, 180, 560, 460, INK, 26, 0.14),
            rect(110, 165, 580, 460, plinth, 24),
            circle(355, 400, 212, STEEL),
            circle(355, 400, 202, INK),
            *grooves,
            *(circle(355, 400, 74, mat), circle(355, 400, 8, STEEL)),
            *(circle(610, 250, 46, STEEL), circle(610, 250, 22, INK)),
            stroke(STEEL, 14, "M610 250 L600 470 L520 540"),
            group("rotate(48 515 545)", rect(490, 530, 50, 30, INK, 5)),
            *(circle(612, 570, 22, BRASS), circle(160, 575, 14, INK, 0.5)),
        )
    )


def record_brush(handle: str, bristles: str) -> str:
    """A wooden block with fine hair, on the edge of a record."""
    hair = [stroke(bristles, 8, f"M{x} 470 L{x - 4} 545") for x in range(226, 590, 14)]
    record = circle(400, 690, 330, INK) + ring(400, 690, 290, "#4a505a", 4)
    rounds = "".join(ring(400, 690, radius, "#4a505a", 4) for radius in (250, 210))
    return "".join(
        (
            *(record, rounds, circle(400, 690, 110, BRASS), *hair),
            shape(handle, "M210 420 C210 320 310 300 400 300 S590 320 590 420 V480 H210 Z"),
            shaded("M210 450 H590 V480 H210 Z"),
            stroke(WHITE, 10, "M250 390 C270 340 330 332 390 330", 0.4),
        )
    )


def amplifier(case: str, glow: str) -> str:
    """A small tube amplifier with four glowing valves."""
    valves = "".join(_valve(x, glow) for x in (230, 330, 430, 530))
    return "".join(
        (
            ground(540, 632),
            valves,
            rect(130, 430, 540, 180, case, 18),
            rect(150, 450, 500, 140, WHITE, 10, 0.14),
            *(circle(230, 520, 46, STEEL), stroke(INK, 8, "M230 520 L230 484")),
            *(circle(570, 520, 46, STEEL), stroke(INK, 8, "M570 520 L545 492")),
            *(circle(400, 520, 12, glow), rect(340, 512, 20, 16, STEEL, 4)),
            *(rect(160, 606, 60, 24, INK, 6), rect(580, 606, 60, 24, INK, 6)),
        )
    )


def _valve(x: float, glow: str) -> str:
    glass = f"M{x} 430 V290 C{x} 230 {x + 70} 230 {x + 70} 290 V430 Z"
    filament = stroke(glow, 8, f"M{x + 22} 410 V320 H{x + 48} V410")
    return shape(STEEL, glass, 0.55) + filament + rect(x - 6, 412, 82, 22, INK, 4)


PICTURES = {
    "tidewick-drift-headphones": picture("#dfe8ec", headphones("#2f4858", "#d8a47f")),
    "ostrel-monitor-headphones": picture("#ece6df", headphones("#3a3a40", "#77706b", "#4b4b52")),
    "tidewick-pebble-earbuds": picture("#e3ece4", earbuds("#6d9280", "#f4efe4")),
    "ostrel-shelf-speakers": picture("#efe7dc", bookshelf_speakers("#b98352", "#d9b48a")),
    "tidewick-shell-speaker": picture("#fbe6dc", pocket_speaker("#e27d60", "#3c5a64")),
    "ostrel-long-soundbar": picture("#e4e5ec", soundbar("#363a45", "#565c6b")),
    "tidewick-kitchen-radio": picture("#e2efee", radio("#4f8f8b", "#f3ead7")),
    "ostrel-first-turntable": picture("#eee9e0", turntable("#a9764a", "#d9573f")),
    "ostrel-record-brush": picture("#f1e9e4", record_brush("#8a5a3a", "#efe6d6")),
    "ostrel-glow-amplifier": picture("#efe3d8", amplifier("#46352d", "#f2a541")),
}
