"""`python -m sandbox.github --seed seed.json --port 0`: serve until interrupted; the first line printed is the URL."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from .gitimport import ImportFailedError
from .hub import EmbeddedGitHub
from .seed import SeedError, load


def main(arguments: Sequence[str], stop: threading.Event) -> int:
    """Serve until `stop` is set; 2 with a message for a seed that cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.github", description=__doc__)
    parser.add_argument("--seed", type=Path, help="a JSON file, or a Python file with seed() -> EmbeddedGitHub")
    parser.add_argument("--port", type=int, default=0, help="any free one unless told")
    options = parser.parse_args(arguments)
    try:
        hub = load(options.seed) if options.seed else EmbeddedGitHub()
    except (SeedError, ImportFailedError) as error:
        print(error, file=sys.stderr)
        return 2
    with hub.serve(options.port) as url:
        print(url, flush=True)
        stop.wait()
    return 0


def run() -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return main(sys.argv[1:], stop)


if __name__ == "__main__":
    sys.exit(run())
