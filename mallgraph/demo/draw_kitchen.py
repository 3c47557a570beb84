"""Pictures of pots, coffee things and lamps."""

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


def pot(enamel: str, knob: str) -> str:
    """A casserole with two handles and a lid."""
    return "".join(
        (
            ground(460, 600),
            stroke(enamel, 30, "M190 420 C120 420 120 490 195 490"),
            stroke(enamel, 30, "M610 420 C680 420 680 490 605 490"),
            shape(
                enamel,
                "M180 370 H620 V520 C620 580 590 600 540 600 H260 C210 600 180 580 180 520 Z",
            ),
            shaded("M500 370 H620 V520 C620 580 590 600 540 600 H470 C500 560 505 480 500 370 Z"),
            shape(enamel, "M165 370 C170 300 290 270 400 270 S630 300 635 370 Z"),
            rect(160, 358, 480, 24, WHITE, 12, 0.4),
            *(rect(388, 240, 24, 36, STEEL, 4), ellipse(400, 232, 44, 22, knob)),
            rect(212, 410, 20, 130, WHITE, 10, 0.3),
        )
    )


def pan(iron: str, handle: str) -> str:
    """A frying pan from above."""
    return "".join(
        (
            ellipse(350, 470, 230, 226, INK, 0.14),
            group("rotate(-45 350 440)", rect(540, 408, 250, 64, iron, 32)),
            group("rotate(-45 350 440)", rect(610, 418, 170, 44, handle, 22)),
            circle(350, 440, 220, iron),
            circle(350, 440, 186, "#3c4047"),
            ring(350, 440, 150, "#4a4f57", 3),
            stroke(WHITE, 12, "M220 390 A146 146 0 0 1 300 306", 0.22),
        )
    )


def knife(blade: str, handle: str) -> str:
    """A cook's knife, lying aslant."""
    parts = (
        shape(blade, "M90 380 C220 330 420 330 520 340 V440 H330 C220 440 130 420 90 380 Z"),
        shape(WHITE, "M90 380 C220 410 420 412 520 410 V440 H330 C220 440 130 420 90 380 Z", 0.5),
        rect(516, 334, 26, 92, BRASS, 4),
        shape(handle, "M540 340 H690 C730 340 735 420 700 424 C660 410 600 424 540 424 Z"),
        *(circle(590, 380, 9, BRASS), circle(660, 380, 9, BRASS)),
    )
    return group("rotate(-24 400 390)", rect(130, 452, 560, 16, INK, 8, 0.12), *parts)


def board(wood: str, stripe: str) -> str:
    """A chopping board with a grip and a tomato cut in two."""
    slice_ = circle(330, 470, 74, "#d9483b") + circle(330, 470, 60, "#ef7a66")
    cores = "".join(
        ellipse(x, y, 14, 20, "#f6b39f") for x, y in ((305, 452), (352, 452), (330, 500))
    )
    return "".join(
        (
            rect(212, 150, 400, 520, INK, 40, 0.14),
            rect(200, 136, 400, 520, wood, 40),
            *(rect(290, 136, 26, 520, stripe, 0, 0.6), rect(480, 136, 26, 520, stripe, 0, 0.6)),
            rect(340, 168, 120, 34, INK, 17, 0.6),
            *(slice_, cores),
            *(circle(476, 400, 62, "#d9483b"), circle(456, 380, 14, WHITE, 0.4)),
            shape("#5c8a4a", "M476 345 L500 328 L492 350 L520 356 L486 362 L470 372 Z"),
        )
    )


def kettle(body: str, grip: str) -> str:
    """A pour-over kettle with a neck like a swan's."""
    return "".join(
        (
            ground(360),
            stroke(body, 26, "M290 560 C150 540 210 370 120 320"),
            shape(
                body,
                "M280 380 H540 L580 640 C580 656 560 660 540 660 H280 C260 660 240 656 240 640 Z",
            ),
            shaded(
                "M470 380 H540 L580 640 C580 656 560 660 540 660 H480 C505 560 500 470 470 380 Z"
            ),
            stroke(grip, 28, "M540 400 C700 380 700 600 585 590"),
            shape(body, "M290 380 C300 330 520 330 530 380 Z"),
            rect(278, 372, 264, 16, WHITE, 8, 0.35),
            circle(410, 326, 20, grip),
            stroke(WHITE, 14, "M318 440 L292 610", 0.35),
        )
    )


def grinder(body: str, wood: str) -> str:
    """A hand mill for coffee with a crank and a drawer."""
    return "".join(
        (
            ground(340),
            stroke(STEEL, 18, "M400 250 V210 L560 196"),
            circle(572, 190, 30, wood),
            shape(body, "M280 330 C290 240 510 240 520 330 Z"),
            rect(262, 326, 276, 30, STEEL, 8),
            rect(270, 356, 260, 280, wood, 12),
            shaded("M450 356 H530 V624 C530 634 520 636 510 636 H450 Z"),
            rect(300, 470, 200, 120, WHITE, 8, 0.22),
            *(circle(400, 530, 16, BRASS), rect(246, 632, 308, 30, body, 8)),
        )
    )


def mug(glaze: str, inside: str) -> str:
    """A stoneware mug with a band of bare clay."""
    return "".join(
        (
            ground(330, 630),
            stroke(glaze, 40, "M540 350 C680 340 680 540 520 530"),
            shape(
                glaze,
                "M230 270 H550 L530 590 C528 620 510 630 480 630 H300 C270 630 252 620 250 590 Z",
            ),
            shape(
                "#d8b894",
                "M246 540 H534 L530 590 C528 620 510 630 480 630 H300 C270 630 252 620 250 590 Z",
            ),
            shaded(
                "M460 270 H550 L530 590 C528 620 510 630 480 630 H440 C470 520 470 390 460 270 Z"
            ),
            ellipse(390, 272, 160, 34, inside),
            ellipse(390, 280, 136, 24, "#5a3a28"),
            stroke(WHITE, 14, "M276 340 L288 500", 0.35),
        )
    )


def press(frame: str, knob: str) -> str:
    """A coffee press of glass, half full."""
    return "".join(
        (
            ground(320),
            rect(392, 170, 16, 130, STEEL, 6),
            circle(400, 160, 30, knob),
            shape("#dbe7ea", "M270 320 H530 V650 H270 Z", 0.8),
            rect(270, 440, 260, 205, "#4d2f20"),
            rect(280, 410, 240, 34, STEEL, 6),
            stroke(frame, 26, "M530 370 C670 360 670 580 530 570"),
            shape(frame, "M258 322 C270 270 530 270 542 322 Z"),
            *(rect(258, 318, 284, 24, frame, 6), rect(258, 560, 284, 20, frame, 6)),
            rect(258, 640, 284, 22, frame, 6),
            rect(292, 350, 16, 200, WHITE, 8, 0.45),
        )
    )


def desk_lamp(enamel: str, joint: str) -> str:
    """A lamp with two arms over its pool of light."""
    return "".join(
        (
            shape("#fff3c4", "M130 650 L240 330 L460 330 L540 650 Z", 0.75),
            ground(500, 662),
            *(stroke(STEEL, 18, "M560 640 L640 420"), stroke(STEEL, 18, "M640 420 L380 190")),
            *(circle(640, 420, 22, joint), rect(460, 632, 200, 30, enamel, 15)),
            group(
                "translate(-30 10)",
                shape(enamel, "M330 190 H430 L500 330 H260 Z"),
                shaded("M400 190 H430 L500 330 H420 Z"),
                rect(350, 160, 60, 36, joint, 8),
            ),
            ellipse(350, 340, 110, 20, "#ffe9a0"),
        )
    )


def pendant(shade: str, inside: str) -> str:
    """A lamp hanging from the ceiling."""
    return "".join(
        (
            stroke(INK, 7, "M400 0 V210"),
            rect(372, 200, 56, 70, BRASS, 10),
            shape("#fff3c4", "M180 500 H620 L720 740 H80 Z", 0.6),
            shape(shade, "M372 262 H428 C560 290 640 390 650 500 H150 C160 390 240 290 372 262 Z"),
            shaded("M428 262 C560 290 640 390 650 500 H540 C540 400 500 310 428 262 Z"),
            ellipse(400, 500, 250, 40, inside),
            *(
                circle(400, 508, 44, "#fff7d8"),
                stroke(WHITE, 14, "M220 440 C240 380 280 340 320 320", 0.4),
            ),
        )
    )


PICTURES = {
    "fernlight-enamel-casserole": picture("#f6e3de", pot("#c8513d", BRASS)),
    "fernlight-iron-pan": picture("#e6e8ea", pan("#2d3036", WOOD)),
    "fernlight-cooks-knife": picture("#e3ebef", knife("#c5ced4", "#5b3b2a")),
    "fernlight-chopping-board": picture("#eaf0e2", board("#d3a069", "#9a6338")),
    "morrowbean-swan-kettle": picture("#ebe6e0", kettle("#3b4148", WOOD)),
    "morrowbean-hand-mill": picture("#f1e8dc", grinder("#7a4a32", "#b07b4c")),
    "morrowbean-stoneware-mug": picture("#e2ecef", mug("#4c7c8c", "#e9dcc6")),
    "morrowbean-coffee-press": picture("#eee7e2", press("#30343a", WOOD)),
    "lumenhall-reading-lamp": picture("#dfe9e2", desk_lamp("#3f6b58", BRASS)),
    "lumenhall-dome-pendant": picture("#e9e4ee", pendant("#d39a3d", "#f6d999")),
}
