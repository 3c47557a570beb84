"""What the shop knows of words: which mean the same, which say nothing, how plurals end."""

#: Each line holds words and phrases that find each other, as they are written.
_SAME = """
notebook, laptop, notebook computer, laptop computer, 笔记本电脑
tv, television, 电视, 电视机
phone, cellphone, cell phone, mobile, mobile phone, smartphone, smart phone, handphone, 手机
headphone, earphone, headset, earbud, 耳机
smartwatch, smart watch, 智能手表
flashlight, torch, flash light, 手电筒
loudspeaker, speaker, 音箱, 音响
usb stick, usb flash drive, flash drive, thumb drive, pen drive, memory stick, u盘
memory card, 存储卡
hard disk, hard drive, hdd, 硬盘
ssd, solid state drive, solid state disk, 固态硬盘
monitor, computer screen, 显示器
touchscreen, touch screen, 触摸屏
printer, 打印机
toner, toner cartridge, 硒鼓
ink cartridge, ink cart, 墨盒
mouse, 鼠标
mouse pad, mousepad, mouse mat, 鼠标垫
keyboard, 键盘
camera, 相机, 照相机
camcorder, video camera, 摄像机
charger, 充电器
power bank, powerbank, portable charger, 充电宝
backpack, rucksack, 背包, 双肩包
cable, cord, lead
adapter, adaptor, 适配器
wifi, wi-fi, wlan, wireless lan
wireless, cordless, 无线
bluetooth, 蓝牙
tablet, tablet pc, 平板电脑
fridge, refrigerator, 冰箱
hoover, vacuum cleaner, 吸尘器
washing machine, washer, 洗衣机
colour, color
grey, gray
aluminium, aluminum
centre, center
router, 路由器
projector, beamer, 投影仪
battery, accumulator, 电池
tripod, 三脚架
pillow, 枕头
towel, 毛巾
quilt, duvet, 被子
"""

#: Say nothing about a product, as long as other words do.
STOP_WORDS = frozenset(
    ["a", "an", "and", "at", "by", "for", "from", "in", "my", "of", "on", "or", "the", "to", "with"]
)

#: What may stand behind a number without a space.
UNITS = frozenset(
    [
        "a",
        "ah",
        "b",
        "bit",
        "btu",
        "cd",
        "cm",
        "db",
        "dpi",
        "fps",
        "ft",
        "g",
        "gb",
        "gbit",
        "gbps",
        "ghz",
        "h",
        "hz",
        "in",
        "inch",
        "k",
        "kb",
        "kg",
        "khz",
        "km",
        "kv",
        "kw",
        "kwh",
        "l",
        "lb",
        "lm",
        "m",
        "ma",
        "mah",
        "mb",
        "mbit",
        "mbps",
        "mhz",
        "min",
        "ml",
        "mm",
        "mp",
        "mw",
        "oz",
        "p",
        "pc",
        "pcs",
        "pin",
        "port",
        "ppm",
        "pt",
        "px",
        "rpm",
        "s",
        "sq",
        "sqm",
        "t",
        "tb",
        "u",
        "v",
        "va",
        "w",
        "wh",
        "x",
    ]
)

IRREGULAR = {
    "mice": "mouse",
    "men": "man",
    "women": "woman",
    "children": "child",
    "feet": "foot",
    "teeth": "tooth",
    "knives": "knife",
    "shelves": "shelf",
    "leaves": "leaf",
    "scarves": "scarf",
    "lenses": "lens",
    "lens": "lens",
    "series": "series",
    "species": "species",
    "movies": "movie",
    "cookies": "cookie",
    "selfies": "selfie",
    "hoodies": "hoodie",
    "caches": "cache",
    "news": "news",
    "always": "always",
}


def groups() -> list[list[str]]:
    """Return the groups of words and phrases that mean the same; none is in two of them."""
    return [line.split(", ") for line in _SAME.strip().splitlines()]
