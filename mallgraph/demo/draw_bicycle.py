"""Pictures of parts and clothes for a bicycle."""

from math import cos, pi, sin

from mallgraph.demo.canvas import (
    BRASS,
    INK,
    STEEL,
    WHITE,
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


def front_light(body: str, beam: str) -> str:
    """A lamp on a clamp, with its beam."""
    return "".join(
        (
            shape(beam, "M330 330 L40 180 V620 L330 470 Z", 0.7),
            ring(520, 600, 62, INK, 26),
            rect(486, 480, 68, 70, INK, 10),
            shape(body, "M330 300 H590 C650 300 680 350 680 400 S650 500 590 500 H330 Z"),
            shaded("M330 430 H676 C664 474 634 500 590 500 H330 Z"),
            rect(300, 286, 50, 228, STEEL, 18),
            ellipse(304, 400, 22, 92, "#fff7d8"),
            *(rect(420, 326, 130, 16, WHITE, 8, 0.35), circle(590, 360, 16, "#59b36a")),
        )
    )


def rear_light(body: str, light: str) -> str:
    """A red lamp that shines in three rings."""
    return "".join(
        (
            circle(400, 400, 290, light, 0.16),
            circle(400, 400, 230, light, 0.2),
            rect(290, 220, 220, 360, body, 80),
            rect(314, 244, 172, 312, light, 66),
            *(circle(400, y, 34, WHITE, 0.75) for y in (310, 400, 490)),
            *(rect(336, 280, 14, 240, WHITE, 7, 0.35), rect(350, 570, 100, 40, INK, 10)),
        )
    )


def u_lock(sleeve: str, bar: str) -> str:
    """A shackle lock with its key."""
    return "".join(
        (
            ground(440, 640),
            stroke(STEEL, 46, "M260 520 V310 C260 130 540 130 540 310 V520"),
            stroke(sleeve, 30, "M260 500 V310 C260 130 540 130 540 310 V500"),
            rect(190, 500, 420, 110, bar, 40),
            rect(214, 516, 280, 18, WHITE, 9, 0.25),
            *(circle(400, 556, 30, STEEL), rect(392, 540, 16, 32, INK, 6)),
            *(
                ring(640, 420, 34, BRASS, 16),
                stroke(BRASS, 16, "M640 456 V560 M640 520 H664 M640 552 H658"),
            ),
        )
    )


def bell(dome: str, base: str) -> str:
    """A brass bell with its striker."""
    return "".join(
        (
            ring(400, 600, 58, base, 28),
            rect(360, 500, 80, 60, base, 10),
            shape(dome, "M200 490 C200 310 300 230 400 230 S600 310 600 490 Z"),
            shaded("M470 242 C550 270 600 350 600 490 H500 C510 390 505 310 470 242 Z"),
            rect(186, 480, 428, 32, dome, 16),
            rect(186, 496, 428, 16, INK, 8, 0.15),
            *(
                circle(400, 224, 20, base),
                stroke(WHITE, 18, "M256 430 C262 350 300 306 344 286", 0.55),
            ),
            *(stroke(base, 16, "M590 520 L660 450"), circle(668, 440, 24, base)),
        )
    )


def saddle(leather: str, rivets: str) -> str:
    """A leather saddle with rivets and rails."""
    return "".join(
        (
            ground(300, 655),
            rect(374, 520, 52, 134, STEEL, 12),
            stroke(STEEL, 16, "M210 420 L330 530 H470 L640 390"),
            shape(
                leather,
                "M130 330 C140 270 240 270 330 300 C450 340 560 320 650 330"
                " C700 340 700 390 650 400 C560 420 480 400 400 440 C320 500 230 500 180 460"
                " C140 430 126 380 130 330 Z",
            ),
            shaded(
                "M140 380 C240 440 340 390 430 370 C520 352 600 380 684 366"
                " C680 390 668 398 650 400 C560 420 480 400 400 440 C320 500 230 500 180 460"
                " C156 442 146 410 140 380 Z"
            ),
            *(
                circle(x, y, 12, rivets)
                for x, y in ((178, 320), (230, 306), (172, 372), (648, 352))
            ),
            *(stroke(INK, 7, f"M{x} {y} v30") for x, y in ((330, 420), (356, 408), (382, 396))),
        )
    )


def pedals(body: str, pins: str) -> str:
    """A pair of flat pedals."""
    one = (
        rect(440, 350, 130, 22, STEEL, 6),
        shape(body, "M170 270 H430 L460 300 V420 L430 450 H170 L150 420 V300 Z"),
        rect(200, 310, 80, 100, WHITE, 12, 0.65),
        rect(330, 310, 80, 100, WHITE, 12, 0.65),
        *(circle(x, y, 9, pins) for x in (190, 250, 310, 370, 424) for y in (288, 432)),
    )
    return group("translate(60 -110)", *one) + group("translate(-10 150)", *one)


def tyre(rubber: str, wall: str) -> str:
    """A tyre from the side with its tread."""
    knobs = [
        circle(400 + 282 * cos(step * pi / 24), 400 + 282 * sin(step * pi / 24), 13, rubber)
        for step in range(48)
    ]
    return "".join(
        (
            ellipse(400, 712, 240, 16, INK, 0.16),
            *(ring(400, 400, 250, rubber, 66), *knobs),
            *(ring(400, 400, 214, wall, 22), ring(400, 400, 264, "#565d66", 5)),
            stroke(WHITE, 12, "M190 330 A222 222 0 0 1 300 205", 0.3),
        )
    )


def pump(barrel: str, grip: str) -> str:
    """A floor pump with hose and gauge."""
    return "".join(
        (
            ground(380, 672),
            stroke(INK, 14, "M430 600 C600 600 610 400 560 300 C530 240 470 280 460 330"),
            *(rect(250, 130, 300, 44, grip, 22), rect(390, 170, 20, 120, STEEL)),
            rect(364, 270, 72, 370, barrel, 14),
            *(rect(380, 300, 14, 300, WHITE, 7, 0.35), rect(352, 258, 96, 36, INK, 10)),
            rect(240, 630, 320, 36, INK, 12),
            *(
                circle(400, 590, 60, WHITE),
                ring(400, 590, 60, INK, 12),
                stroke("#d9483b", 8, "M400 590 L430 556"),
            ),
        )
    )


def helmet(shell: str, strap: str) -> str:
    """A helmet with four vents."""
    vents = [
        stroke(INK, 22, path, 0.6)
        for path in (
            "M250 380 C290 300 330 280 370 270",
            "M330 400 C370 330 420 300 470 292",
            "M430 412 C470 360 520 340 560 344",
        )
    ]
    return "".join(
        (
            stroke(strap, 16, "M250 450 C270 600 360 640 400 650 C430 600 480 520 490 450"),
            rect(370, 630, 60, 34, INK, 8),
            shape(
                shell,
                "M140 430 C140 250 270 170 410 170 S680 270 680 420 C680 460 640 470 600 466"
                " C500 456 420 470 330 480 C240 490 140 500 140 430 Z",
            ),
            shaded(
                "M142 420 C250 460 560 400 680 420 C680 460 640 470 600 466"
                " C500 456 420 470 330 480 C240 490 140 500 142 420 Z"
            ),
            *vents,
            stroke(WHITE, 14, "M200 330 C230 270 280 230 330 216", 0.5),
        )
    )


def gloves(back: str, palm: str) -> str:
    """A pair of short-fingered gloves."""
    one = (
        shape(palm, "M330 420 C370 380 400 400 390 440 L340 520 Z"),
        *(
            rect(x, y, 46, 160, back, 20)
            for x, y in ((150, 300), (200, 268), (250, 268), (300, 300))
        ),
        rect(150, 380, 196, 200, back, 40),
        *(rect(x, y, 46, 16, palm, 6) for x, y in ((150, 300), (200, 268), (250, 268), (300, 300))),
        rect(160, 566, 176, 64, palm, 16),
        rect(220, 580, 100, 34, WHITE, 8, 0.6),
        *(ellipse(x, 424, 16, 11, WHITE, 0.45) for x in (176, 224, 272, 320)),
    )
    return mirrored(*one)


PICTURES = {
    "spokewell-beam-light": picture("#d7dfe8", front_light("#2f3a45", "#fff0b8")),
    "spokewell-ember-light": picture("#f0e0e0", rear_light("#33363c", "#d93a3a")),
    "spokewell-shackle-lock": picture("#e8eae0", u_lock("#e07a2f", "#30353b")),
    "spokewell-brass-bell": picture("#f3ecdc", bell("#d3a648", "#4a4f57")),
    "gravelane-leather-saddle": picture("#eee4d9", saddle("#8a5230", BRASS)),
    "gravelane-flat-pedals": picture("#e2e9ee", pedals("#38424c", STEEL)),
    "gravelane-gravel-tyre": picture("#ece8e1", tyre("#33373d", "#c79a62")),
    "gravelane-floor-pump": picture("#e0ebe6", pump("#3b7a66", "#4a3a2e")),
    "larkride-town-helmet": picture("#e4ecf5", helmet("#4f7cac", "#33363c")),
    "larkride-half-gloves": picture("#efe7ea", gloves("#4b4f58", "#b5533c")),
}
