"""A headless Chromium for tests: one that is installed, else skipped; CI installs one first.

`python -m tests.browser` installs one where none is found.
"""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright
from playwright.sync_api import sync_playwright

from mallgraph.servers.commands import ServerError, run
from mallgraph.servers.install import apt_install, on_path
from tests.servers import missing

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
#: It speaks to no host by itself.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    # As root it has no other way, and it loads pages of our own only.
    "--no-sandbox",
)


@asynccontextmanager
async def chromium() -> AsyncGenerator[Browser]:
    """Yield a browser, or skip; in CI, fail."""
    async with async_playwright() as playwright:
        found = on_the_system() or Path(playwright.chromium.executable_path)
        if not found.exists():
            missing("Chromium", "no binary; try `python -m tests.browser`.")
        browser = await playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        await browser.close()


def on_the_system() -> Path | None:
    """The first browser on the PATH."""
    return next(filter(None, map(on_path, NAMES)), None)


def install() -> None:
    """Install a browser unless there is one: Debian's, else the one made for Playwright."""
    if on_the_system() or _is_downloaded():
        return
    try:
        apt_install([NAMES[0]], print)
    except ServerError:
        run([sys.executable, "-m", "playwright", "install", "chromium"], print)


def _is_downloaded() -> bool:
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


if __name__ == "__main__":
    install()
