"""What a client accepts, as its header Accept or Accept-Encoding says."""


def quality(header: str, wanted: str) -> float:
    """Return how much a client likes what it names itself: 0 what it forbids or does not name."""
    for one in header.lower().split(","):
        name, *parameters = (part.replace(" ", "").replace("\t", "") for part in one.split(";"))
        if name == wanted:
            return min(map(_number, parameters), default=1.0)
    return 0.0


def _number(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name != "q":
        return 1.0
    try:
        told = float(value)
    except ValueError:
        return 1.0
    return told if 0 <= told <= 1 else 1.0
