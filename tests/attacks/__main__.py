"""Open a demo shop, let Schemathesis ask it, and close it: `python -m tests.attacks CASES`."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from stores.settings import PREFIX
from tests.servers import free_port

HERE = Path(__file__).parent
PYTHON = HERE / ".venv" / "bin" / "python"
MALLGRAPH = str(Path(sys.executable).with_name("mallgraph"))
ROLES = ("shopper", "merchant", "owner")
_READY_SECONDS = 60


def main(cases: str) -> int:
    """Return 0 if nothing was found."""
    with TemporaryDirectory() as folder:
        kept = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
        environment = {**kept, f"{PREFIX}DATA_DIR": folder, f"{PREFIX}LOG_LEVEL": "error"}
        with _shop(environment) as address:
            tokens = [f"{role}={_token(role, environment)}" for role in ROLES]
            command = [str(PYTHON), str(HERE / "generated.py"), address, cases, *tokens]
            return subprocess.run(command, env=environment, check=False).returncode


@contextmanager
def _shop(environment: dict[str, str]) -> Generator[str]:
    port = free_port()
    command = [MALLGRAPH, "serve", "--demo", "--port", str(port)]
    with subprocess.Popen(command, env=environment) as shop:
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(address)
            yield address
        finally:
            shop.terminate()


def _wait(address: str) -> None:
    ends_at = time.monotonic() + _READY_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{address}/readyz").close()
        except urllib.error.URLError:
            if time.monotonic() > ends_at:
                raise
            time.sleep(0.1)
        else:
            return


def _token(role: str, environment: dict[str, str]) -> str:
    command = [MALLGRAPH, "token", "--role", role]
    made = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return made.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
