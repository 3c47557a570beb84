"""Configuration, read once at start.

A setting stands in the file of its noun, settings_*.py; here is what holds for all of them. No
other module than these reads the environment.
"""

import os
from dataclasses import dataclass

from dotenv import dotenv_values
from pydantic_settings import SettingsConfigDict

from stores.settings_accounts import AccountsSettings
from stores.settings_http import PRODUCTION_RATE, MediaSettings, RequestSettings, SocketSettings
from stores.settings_identity import IdentitySettings
from stores.settings_money import CardSettings
from stores.settings_parcels import ParcelSettings
from stores.settings_server import Profile, ServerSettings
from stores.settings_stores import KeptSettings
from stores.settings_telemetry import LogSettings, TelemetrySettings

#: What is imported from here, wherever it stands.
__all__ = [
    "ENV_FILE",
    "PREFIX",
    "PRODUCTION_RATE",
    "SHARED_METRICS",
    "TEST_PREFIX",
    "Given",
    "Profile",
    "Settings",
    "given",
    "override",
    "share_metrics",
    "shared_metrics",
]

PREFIX = "MALLGRAPH_"
ENV_FILE = ".env"
#: Variables of the tests, which are none of the shop.
TEST_PREFIX = f"{PREFIX}TEST_"

#: Where processes gather metrics, as prometheus-client calls it.
SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"


class Settings(
    # From the last to the first: so Python goes through them, and so they are listed and checked.
    LogSettings,
    SocketSettings,
    IdentitySettings,
    MediaSettings,
    RequestSettings,
    KeptSettings,
    ParcelSettings,
    CardSettings,
    AccountsSettings,
    TelemetrySettings,
    ServerSettings,
):
    """Where each store lives and whose tokens are trusted; `MALLGRAPH_SQL_URL` sets `sql_url`.

    The defaults need no server: everything lies in `data_dir`. Rules of the shop (currency,
    limits) are no settings, they lie in its own row.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        # `MALLGRAPH_SQL_URL=` says no more than leaving it out.
        env_ignore_empty=True,
        # Other programs may read the same .env; `mallgraph.configuration` names what is misspelt.
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )


@dataclass(frozen=True, slots=True)
class Given:
    """A variable as somebody wrote it, and where."""

    value: str
    origin: str


def given() -> dict[str, Given]:
    """Return every variable of ours that is set, by its name in capitals; empty ones are not."""
    in_file = {name: text or "" for name, text in dotenv_values(ENV_FILE).items()}
    found = {name.upper(): Given(text, ENV_FILE) for name, text in in_file.items()}
    found |= {name.upper(): Given(text, "environment") for name, text in os.environ.items()}
    return {name: one for name, one in found.items() if name.startswith(PREFIX) and one.value}


def override(name: str, value: object) -> None:
    """Set a setting for this process and those it starts, before settings are read."""
    os.environ[f"{PREFIX}{name.upper()}"] = str(value)


def share_metrics(folder: str) -> None:
    """Let this process and those it starts gather their metrics in files of a folder.

    Before any of them is made: the library looks for this once.
    """
    os.environ.setdefault(SHARED_METRICS, folder)


def shared_metrics() -> str | None:
    """Return the folder in which several processes gather their metrics; None if each is alone."""
    return os.environ.get(SHARED_METRICS)
