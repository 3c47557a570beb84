"""How long the shop takes from its start to its first answer, embedded and with its demo goods.

    python bench/start.py [--times 5]

Starts `mallgraph serve --demo` in an empty folder once, then again several times, and prints the
first start, and the median of the others.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

QUERY = b'{"query": "{ products(first: 2) { totalCount } }"}'


def main() -> None:
    """Print both figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5, help="how many second starts to measure")
    times: int = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        print(f"first start, with 60 products to import: {seconds(folder):.2f} s")
        again = [seconds(folder) for _ in range(times)]
    print(f"later starts, median of {times}: {statistics.median(again):.2f} s")


def seconds(folder: str) -> float:
    """Return the time from the start of the process to the first whole answer."""
    port = free_port()
    settings = {"MALLGRAPH_DATA_DIR": folder, "MALLGRAPH_PORT": str(port)}
    command = [str(Path(sys.executable).with_name("mallgraph")), "serve", "--demo"]
    began = time.perf_counter()
    with subprocess.Popen(
        command,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_for_answer(f"http://127.0.0.1:{port}/graphql")
        took = time.perf_counter() - began
        process.terminate()
    return took


def wait_for_answer(url: str) -> None:
    """Ask until there is an answer."""
    request = urllib.request.Request(url, QUERY, {"Content-Type": "application/json"})
    while True:
        try:
            urllib.request.urlopen(request).read()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.01)
        else:
            return


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
