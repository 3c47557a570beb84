"""Reads the settings, and says in one line each what is wrong with them."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from stores.health import without_password
from stores.settings import ENV_FILE, PREFIX, TEST_PREFIX, Given, Settings, given
from stores.store_urls import RELATIONAL

DEFAULT = "default"


class WrongSettings(Exception):
    """Settings that nobody can start with; `problems` are sentences."""

    def __init__(self, problems: list[str]) -> None:
        """Tell these."""
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Row:
    """One setting, as it may be shown."""

    variable: str
    value: str
    origin: str
    description: str


def load() -> Settings:
    """Return the settings of the environment and .env. Raises WrongSettings."""
    found = problems()
    if found:
        raise WrongSettings(found)
    return Settings()


def problems() -> list[str]:
    """Return what is wrong: misspelt names first, then wrong values. Raises WrongSettings."""
    written = _written()
    found = [_unknown(name, one) for name, one in written.items() if not _is_known(name)]
    try:
        Settings()
    except ValidationError as error:
        found += [_wrong(one, written) for one in error.errors()]
    return found


def rows() -> list[Row]:
    """Return all settings; of a wrong one, what was written. Raises WrongSettings."""
    written = _written()
    return [_row(name, written.get(variable(name))) for name in Settings.model_fields]


def _written() -> dict[str, Given]:
    try:
        return given()
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1}"
        raise WrongSettings([f"{ENV_FILE} is not UTF-8 at {place}; save the file so."]) from error


def variable(name: str) -> str:
    """Return the name that a setting has in the environment."""
    return f"{PREFIX}{name}".upper()


def _row(name: str, one: Given | None) -> Row:
    field = Settings.model_fields[name]
    description = field.description or ""
    if one is None:
        return Row(variable(name), _shown(field.default), DEFAULT, description)
    return Row(variable(name), shown(name, one.value), one.origin, description)


def _shown(default: Any) -> str:
    value = getattr(default, "value", default)
    return "" if value is None else str(value)


def shown(name: str, value: str) -> str:
    """Return a value without passwords."""
    if name.endswith(("_key", "_token")):
        return "***"
    if value == RELATIONAL or not name.endswith("_url"):
        return value
    try:
        return without_password(value) if "://" in value else "***"
    except ValueError:
        return "***"


def _is_known(name: str) -> bool:
    return name.startswith(TEST_PREFIX) or name in map(variable, Settings.model_fields)


def _unknown(name: str, one: Given) -> str:
    nearest = _nearest(name, map(variable, Settings.model_fields))
    hint = f"; is {nearest} meant?" if nearest else "; `mallgraph config` lists all there are."
    return f"{name} ({one.origin}) is no setting{hint}"


def _nearest(name: str, known: Iterable[str]) -> str | None:
    ours = {one.removeprefix(PREFIX): one for one in known}
    return next(
        (ours[one] for one in difflib.get_close_matches(name.removeprefix(PREFIX), ours, 1)), None
    )


def _wrong(error: ErrorDetails, written: Mapping[str, Given]) -> str:
    name = str(error["loc"][0])
    one = written.get(variable(name))
    told = f"={shown(name, one.value)} ({one.origin})" if one else ""
    return f"{variable(name)}{told} {_reason(error)}. {_wanted(name)}"


def _reason(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    message = error["msg"]
    return f"is wrong: {message[0].lower()}{message[1:]}"


def _wanted(name: str) -> str:
    return f"What it is: {Settings.model_fields[name].description}"
