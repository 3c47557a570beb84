"""Pictures of paper, brushes and what keeps a desk tidy."""

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
    picture,
    rect,
    ring,
    shaded,
    shape,
    stroke,
)


def notebook(cover: str, thread: str) -> str:
    """A book bound with thread, a paper label on its cover."""
    stitches = "".join(stroke(thread, 6, f"M220 {y} H262") for y in (210, 330, 470, 590))
    return group(
        "rotate(-6 400 400)",
        rect(236, 166, 380, 500, INK, 10, 0.15),
        rect(232, 158, 380, 496, "#f4efe2", 6),
        rect(220, 150, 380, 500, cover, 8),
        *(stroke(thread, 6, "M262 150 V650"), stitches),
        *(rect(440, 190, 110, 270, "#f6f0df", 4), rect(456, 206, 78, 238, cover, 2, 0.18)),
        *(
            stroke(INK, 10, path)
            for path in (
                "M475 250 H515",
                "M495 236 V300",
                "M472 330 H518",
                "M480 360 H510 M495 330 V400",
            )
        ),
    )


def letter_set(paper: str, envelope: str) -> str:
    """Sheets, an envelope and a seal."""
    lines = "".join(stroke("#b04a3c", 3, f"M{x} 180 V520", 0.6) for x in range(300, 530, 36))
    return "".join(
        (
            group(
                "rotate(5 400 340)",
                rect(262, 140, 300, 420, INK, 4, 0.12),
                rect(254, 132, 300, 420, paper, 4),
                lines,
            ),
            rect(178, 438, 460, 250, INK, 8, 0.14),
            rect(170, 430, 460, 250, envelope, 8),
            shape(WHITE, "M170 436 L400 590 L630 436 L622 430 H178 Z", 0.45),
            stroke(INK, 3, "M172 438 L400 590 L628 438", 0.3),
            *(circle(400, 580, 36, "#b5402f"), ring(400, 580, 22, "#d9766a", 5)),
        )
    )


def paper_roll(paper: str, band: str) -> str:
    """Rice paper, rolled and banded."""
    return "".join(
        (
            ground(560, 600),
            shape(paper, "M200 300 C280 280 560 280 690 250 V520 C560 560 300 560 200 560 Z"),
            shaded("M200 520 C300 520 560 520 690 480 V520 C560 560 300 560 200 560 Z"),
            stroke(INK, 20, "M430 400 C450 360 500 350 540 330", 0.75),
            *(
                stroke(INK, 14, "M470 390 C490 440 480 470 470 480", 0.6),
                stroke(INK, 9, "M560 380 L600 430", 0.5),
            ),
            rect(130, 270, 120, 320, "#f7f2e6", 30),
            *(ellipse(190, 284, 60, 22, "#e5dcc6"), ring(190, 284, 14, "#b9ad90", 5)),
            rect(126, 400, 128, 54, band, 6),
        )
    )


def calendar(board: str, accent: str) -> str:
    """A desk calendar: a month of days on a wooden foot."""
    days = [
        circle(
            x, y, 15, accent if (x, y) == (436, 456) else INK, 1 if (x, y) == (436, 456) else 0.22
        )
        for y in range(360, 560, 48)
        for x in range(244, 570, 48)
    ]
    return "".join(
        (
            ground(480, 655),
            *(rect(190, 180, 420, 440, INK, 10, 0.12), rect(180, 170, 420, 440, "#fbf8f0", 10)),
            rect(180, 170, 420, 110, accent, 10),
            shape(WHITE, "M230 260 L300 200 L340 236 L390 190 L470 260 Z", 0.6),
            *days,
            rect(150, 590, 500, 60, board, 14),
            rect(150, 590, 500, 16, WHITE, 8, 0.25),
        )
    )


def fountain_pen(metal: str, nib: str) -> str:
    """A pen of brass beside its cap."""
    pen = (
        shape(nib, "M130 360 L220 325 H250 V395 H220 Z"),
        *(stroke(INK, 4, "M140 360 H212"), circle(214, 360, 7, INK)),
        shape(INK, "M250 328 H340 V392 H250 Z"),
        rect(336, 318, 330, 84, metal, 24),
        rect(360, 332, 270, 16, WHITE, 8, 0.45),
    )
    cap = (
        rect(330, 480, 270, 92, metal, 30),
        *(rect(360, 494, 200, 16, WHITE, 8, 0.45), rect(326, 480, 24, 92, "#8a6a2f", 6)),
        rect(420, 460, 170, 18, "#8a6a2f", 9),
    )
    return group("rotate(-20 400 420)", rect(180, 420, 480, 16, INK, 8, 0.12), *pen, *cap)


def brush(handle: str, hair: str) -> str:
    """A writing brush and the stroke it made."""
    return "".join(
        (
            stroke(INK, 44, "M150 600 C260 520 330 660 470 590 S610 560 640 580", 0.85),
            group(
                "rotate(38 400 400)",
                rect(378, 60, 44, 400, handle, 14),
                *(rect(386, 80, 10, 360, WHITE, 5, 0.35), ring(400, 44, 16, "#b5402f", 7)),
                rect(372, 440, 56, 50, INK, 6),
                shape(hair, "M372 490 H428 C440 560 420 610 400 660 C380 610 360 560 372 490 Z"),
                shape(
                    INK,
                    "M366 580 C380 600 420 600 432 580 C424 615 412 636 400 660"
                    " C388 636 376 615 366 580 Z",
                ),
            ),
        )
    )


def ink_stone(stone: str, ink: str) -> str:
    """A carved stone with a stick of ink on its edge."""
    return "".join(
        (
            ground(540, 640),
            rect(150, 260, 500, 370, stone, 60),
            rect(150, 260, 500, 350, WHITE, 60, 0.08),
            rect(190, 300, 420, 280, INK, 44, 0.55),
            ellipse(400, 370, 150, 48, ink),
            ellipse(370, 360, 70, 14, WHITE, 0.2),
            ring(560, 540, 22, stone, 8),
            group(
                "rotate(24 520 330)",
                rect(490, 150, 66, 250, "#1c1e22", 8),
                rect(504, 190, 38, 110, BRASS, 4),
            ),
        )
    )


def pen_pot(wood: str, grain: str) -> str:
    """A turned wooden pot with pens in it."""
    pens = (
        *(stroke("#3f6d95", 26, "M340 420 L290 150"), stroke("#b5402f", 26, "M400 420 L404 120")),
        *(stroke(BRASS, 22, "M450 420 L510 170"), shape("#f0d9b0", "M391 120 L404 70 L417 120 Z")),
    )
    return "".join(
        (
            ground(330),
            ellipse(400, 372, 132, 34, "#5a3f2a"),
            *pens,
            shape(wood, "M266 372 C300 410 500 410 534 372 L520 630 C500 664 300 664 280 630 Z"),
            shaded(
                "M470 398 C500 394 526 384 534 372 L520 630 C510 648 470 656 440 656"
                " C466 570 474 480 470 398 Z"
            ),
            *(
                stroke(grain, 5, f"M{x} 420 C{x + 14} 500 {x - 10} 560 {x + 6} 630", 0.6)
                for x in (310, 350, 400, 440)
            ),
        )
    )


def drawer_box(wood: str, knob: str) -> str:
    """A little chest with four drawers."""
    drawers = "".join(_drawer(x, y, wood, knob) for y in (300, 460) for x in (180, 406))
    return "".join(
        (
            ground(520, 650),
            *(rect(150, 250, 500, 390, wood, 18), rect(150, 250, 500, 390, INK, 18, 0.18)),
            drawers,
            rect(136, 226, 528, 44, wood, 12),
            *(
                rect(160, 236, 300, 12, WHITE, 6, 0.3),
                rect(180, 636, 50, 20, INK),
                rect(570, 636, 50, 20, INK),
            ),
        )
    )


def _drawer(x: float, y: float, wood: str, knob: str) -> str:
    front = rect(x, y, 214, 146, wood, 8) + rect(x + 12, y + 12, 190, 122, WHITE, 6, 0.14)
    return front + rect(x + 72, y + 34, 70, 34, "#f6f0df", 4) + circle(x + 107, y + 100, 15, knob)


def pencil_case(canvas: str, tab: str) -> str:
    """A canvas roll with a zip and a leather tab."""
    return "".join(
        (
            ground(560, 570),
            rect(130, 330, 540, 230, canvas, 90),
            shaded("M130 470 H670 C668 520 630 560 580 560 H220 C170 560 132 520 130 470 Z"),
            *(stroke(STEEL, 14, "M190 380 H600"), stroke(INK, 4, "M190 380 H600", 0.5)),
            *(rect(584, 366, 60, 28, tab, 8), rect(220, 430, 100, 70, "#f6f0df", 6)),
            *(
                stroke(tab, 8, "M240 455 H300 M240 478 H284"),
                stroke(WHITE, 4, "M170 530 H630", 0.4),
            ),
            circle(668, 440, 18, WOOD),
        )
    )


PICTURES = {
    "线装手账": picture("#dfe7ee", notebook("#33557a", "#f0e6cf")),
    "朱丝栏信笺": picture("#f1e6dd", letter_set("#fbf5e6", "#d9c29a")),
    "半熟宣纸": picture("#ebe9df", paper_roll("#fdfaf1", "#b5402f")),
    "节气台历": picture("#e3ece6", calendar(WOOD, "#4f8a78")),
    "黄铜钢笔": picture("#e6e2da", fountain_pen("#c79a4b", "#d9dde0")),
    "兼毫毛笔": picture("#f0ede4", brush("#8a5a3a", "#e9dcc2")),
    "溪石砚台": picture("#e4e2e6", ink_stone("#5b5560", "#17181b")),
    "胡桃木笔筒": picture("#eee5da", pen_pot("#7b5236", "#4f3320")),
    "四格抽屉匣": picture("#e7ebe2", drawer_box("#b98352", BRASS)),
    "帆布笔袋": picture("#e9e6dd", pencil_case("#7d8b6a", "#7a4a2d")),
}
