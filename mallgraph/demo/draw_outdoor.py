"""Pictures of things for a night outside."""

from mallgraph.demo.canvas import (
    BRASS,
    INK,
    STEEL,
    WHITE,
    WOOD,
    circle,
    ellipse,
    ground,
    mirrored,
    picture,
    rect,
    ring,
    shaded,
    shape,
    stroke,
)


def tent(cloth: str, inside: str) -> str:
    """A ridge tent with its door open, before hills and a sun."""
    return "".join(
        (
            *(
                circle(590, 200, 56, "#f4c95d"),
                shape("#a9c0a0", "M80 560 L260 360 L400 500 L560 340 L730 560 Z"),
            ),
            ellipse(400, 620, 320, 34, "#7f9c76"),
            shape(cloth, "M400 220 L680 620 H120 Z"),
            shaded("M400 220 L680 620 H470 Z"),
            shape(inside, "M400 300 L480 620 H320 Z"),
            shape(WHITE, "M400 300 L320 620 H280 L386 300 Z", 0.35),
            *(
                stroke(WOOD, 12, "M400 196 V240"),
                stroke(INK, 4, "M400 220 L90 640"),
                stroke(INK, 4, "M400 220 L710 640"),
            ),
        )
    )


def sleeping_bag(cloth: str, lining: str) -> str:
    """A mummy bag, half unzipped."""
    quilts = [
        stroke(WHITE, 5, f"M{300 - k} {y} H{500 + k}", 0.3)
        for y, k in zip(range(330, 640, 52), (20, 24, 18, 10, 2, -8), strict=False)
    ]
    return "".join(
        (
            shape(
                INK,
                "M412 130 C560 130 570 280 560 360 L510 690 H320 L270 360"
                " C250 280 260 130 412 130 Z",
                0.13,
            ),
            shape(
                cloth,
                "M400 110 C550 110 552 270 545 350 L500 670 C480 690 320 690 300 670 L255 350"
                " C248 270 250 110 400 110 Z",
            ),
            *quilts,
            shape(
                lining,
                "M400 150 C500 150 500 260 470 310 C440 340 360 340 330 310"
                " C300 260 300 150 400 150 Z",
            ),
            ellipse(400, 262, 70, 36, WHITE, 0.55),
            stroke(STEEL, 6, "M455 326 C480 420 470 500 460 560"),
            rect(452, 556, 18, 34, BRASS, 6),
        )
    )


def camp_chair(frame: str, cloth: str) -> str:
    """A low folding chair of wood and canvas."""
    return "".join(
        (
            ground(460),
            *(stroke(frame, 24, "M250 650 L560 400"), stroke(frame, 24, "M560 650 L250 420")),
            stroke(frame, 24, "M250 430 L200 180"),
            shape(cloth, "M182 190 H330 L400 440 H260 Z"),
            shape(cloth, "M250 420 H590 L570 476 C470 500 340 500 262 470 Z"),
            shaded("M250 420 H590 L584 440 C470 456 340 456 254 440 Z"),
            stroke(frame, 20, "M225 320 H560"),
            stroke(frame, 20, "M555 322 L556 410"),
            stroke(WHITE, 6, "M210 214 L262 404", 0.4),
        )
    )


def lantern(metal: str, light: str) -> str:
    """A lantern with a wire handle."""
    return "".join(
        (
            circle(400, 420, 250, light, 0.35),
            ground(300),
            stroke(STEEL, 12, "M270 330 C260 120 540 120 530 330"),
            rect(300, 300, 200, 230, light, 20),
            *(ellipse(400, 440, 36, 60, WHITE, 0.9), ellipse(400, 456, 18, 34, "#f2a541")),
            *(rect(x, 300, 12, 230, metal, 4) for x in (296, 392, 492)),
            shape(metal, "M270 306 L330 226 H470 L530 306 Z"),
            rect(340, 196, 120, 34, metal, 10),
            shape(metal, "M280 524 H520 L550 650 H250 Z"),
            circle(400, 590, 24, BRASS),
        )
    )


def rucksack(cloth: str, strap: str) -> str:
    """A roll-top rucksack with a front pocket."""
    return "".join(
        (
            ground(380),
            stroke(strap, 24, "M350 190 C350 130 450 130 450 190"),
            shape(
                cloth,
                "M240 300 C240 200 300 180 400 180 S560 200 560 300 L590 600"
                " C590 650 560 660 520 660 H280 C240 660 210 650 210 600 Z",
            ),
            shaded(
                "M500 190 C545 205 560 250 560 300 L590 600 C590 650 560 660 520 660 H480"
                " C520 520 525 330 500 190 Z"
            ),
            shape(strap, "M232 300 C300 330 500 330 568 300 L572 350 C500 380 300 380 228 350 Z"),
            rect(270, 440, 260, 180, strap, 26, 0.55),
            stroke(WHITE, 6, "M290 476 H510", 0.6),
            *(rect(305, 300, 24, 110, INK, 6), rect(471, 300, 24, 110, INK, 6)),
            *(rect(297, 376, 40, 26, BRASS, 5), rect(463, 376, 40, 26, BRASS, 5)),
        )
    )


def dry_bag(cloth: str, band: str) -> str:
    """A sack that is rolled shut."""
    return "".join(
        (
            ground(330),
            shape(
                cloth,
                "M270 270 H530 C560 400 560 540 540 640 C530 664 270 664 260 640"
                " C240 540 240 400 270 270 Z",
            ),
            shaded(
                "M460 270 H530 C560 400 560 540 540 640 C536 655 480 658 450 658"
                " C480 540 480 400 460 270 Z"
            ),
            rect(262, 226, 276, 52, cloth, 20),
            stroke(WHITE, 5, "M280 252 H520", 0.5),
            stroke(band, 18, "M268 240 C240 120 560 120 532 240"),
            rect(360, 136, 80, 36, INK, 10),
            shape(WHITE, "M400 400 C450 470 450 530 400 530 S350 470 400 400 Z", 0.7),
        )
    )


def belt_bag(cloth: str, strap: str) -> str:
    """A small bag on a belt."""
    return "".join(
        (
            stroke(strap, 40, "M60 330 C200 440 600 440 740 330"),
            shape(
                cloth,
                "M220 350 C300 320 500 320 580 350 C600 470 560 560 400 560 S200 470 220 350 Z",
            ),
            shaded("M240 480 C290 520 510 520 560 480 C535 535 490 560 400 560 S265 535 240 480 Z"),
            stroke(STEEL, 8, "M250 398 C330 376 470 376 550 398"),
            rect(534, 392, 16, 60, BRASS, 7),
            rect(370, 450, 60, 40, WHITE, 8, 0.55),
        )
    )


def bottle(steel: str, cap: str) -> str:
    """A drinking bottle with a loop on its cap."""
    return "".join(
        (
            ground(230),
            stroke(cap, 20, "M360 190 C360 120 440 120 440 190"),
            rect(346, 186, 108, 66, cap, 14),
            shape(
                steel,
                "M352 250 H448 C460 300 500 310 500 380 V630 C500 655 490 660 470 660 H330"
                " C310 660 300 655 300 630 V380 C300 310 340 300 352 250 Z",
            ),
            shaded("M430 250 H448 C460 300 500 310 500 380 V630 C500 655 490 660 470 660 H440 Z"),
            rect(322, 380, 18, 230, WHITE, 9, 0.4),
            shape(WHITE, "M360 520 L400 450 L420 482 L432 466 L462 520 Z", 0.75),
        )
    )


def flask(steel: str, cup: str) -> str:
    """A vacuum flask beside its steaming cup."""
    return "".join(
        (
            ground(460),
            rect(260, 300, 190, 360, steel, 30),
            shaded("M390 300 H420 C440 300 450 310 450 330 V630 C450 650 440 660 420 660 H390 Z"),
            *(rect(270, 220, 170, 90, cup, 20), rect(250, 330, 210, 16, INK, 8, 0.35)),
            rect(282, 370, 18, 230, WHITE, 9, 0.4),
            shape(cup, "M500 540 H620 L606 650 C604 660 516 660 514 650 Z"),
            ellipse(560, 542, 60, 14, "#7b4a2b"),
            *(
                stroke(WHITE, 10, f"M{x} 510 C{x - 20} 480 {x + 20} 460 {x} 430", 0.8)
                for x in (540, 580)
            ),
        )
    )


def lunch_box(tin: str, lid: str) -> str:
    """Two steel tiers held by a clip."""
    clips = mirrored(rect(140, 330, 26, 180, STEEL, 8), rect(146, 400, 14, 40, INK, 5))
    return "".join(
        (
            ground(500, 592),
            *(rect(170, 450, 460, 140, tin, 34), rect(170, 330, 460, 130, tin, 20)),
            rect(160, 448, 480, 16, INK, 8, 0.3),
            rect(158, 280, 484, 62, lid, 28),
            *(rect(196, 296, 280, 14, WHITE, 7, 0.4), rect(200, 370, 18, 180, WHITE, 9, 0.35)),
            *(clips, ring(400, 525, 26, WHITE, 6)),
        )
    )


PICTURES = {
    "kestmoor-ridge-tent": picture("#dcebf2", tent("#d98a3d", "#6b4a2c")),
    "kestmoor-night-bag": picture("#e3e7f1", sleeping_bag("#3d5a80", "#ee9b5f")),
    "kestmoor-low-chair": picture("#efe9dc", camp_chair(WOOD, "#6f8f5f")),
    "kestmoor-storm-lantern": picture("#cfd8e3", lantern("#37474f", "#ffe3a1")),
    "brackenfold-roll-rucksack": picture("#e6ebdf", rucksack("#6a7b4f", "#4a5538")),
    "brackenfold-dry-bag": picture("#dff0f0", dry_bag("#e9b32f", "#37474f")),
    "brackenfold-belt-bag": picture("#f3e4e0", belt_bag("#b5533c", "#3e3a39")),
    "rillwater-steel-bottle": picture("#e0efe9", bottle("#3f8f7c", "#2f3a3a")),
    "rillwater-tea-flask": picture("#ece5e8", flask("#7a4858", "#c9c2bd")),
    "rillwater-two-tier-box": picture("#e8eef0", lunch_box("#c3ccd1", "#d98a3d")),
}
