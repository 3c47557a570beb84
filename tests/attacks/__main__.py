"""Open a demo shop, and let tools of others attack it: `python -m tests.attacks CASES`.

Schemathesis asks a shop in development whatever it likes. Clairvoyance guesses names: it must find
none in production, and finds some in development, or it would show nothing.
"""

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
#: Strangers need no token, so nobody asks for the keys; without a limit each guess is answered.
_PRODUCTION = {
    f"{PREFIX}PROFILE": "production",
    f"{PREFIX}JWKS_URL": "http://127.0.0.1:9/jwks",
    f"{PREFIX}RATE_LIMIT": "0",
}


def main(cases: str) -> int:
    """Return 0 if nothing was found."""
    with TemporaryDirectory() as folder:
        kept = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
        environment = {**kept, f"{PREFIX}DATA_DIR": folder, f"{PREFIX}LOG_LEVEL": "error"}
        with _shop(environment) as address:
            tokens = [f"{role}={_token(role, environment)}" for role in ROLES]
            command = [str(PYTHON), str(HERE / "generated.py"), address, cases, *tokens]
            failed = subprocess.run(command, env=environment, check=False).returncode
            shown = _guessed(address)
        with _shop(environment | _PRODUCTION) as address:
            hidden = _guessed(address)
        print(f"clairvoyance found {hidden} fields in production, {shown} in development")
        return failed or int(hidden > 0 or not shown)


def _guessed(address: str) -> int:
    command = [str(PYTHON), str(HERE / "guessed.py"), address]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


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
