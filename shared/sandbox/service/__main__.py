"""`python -m sandbox.service --replicas 4 --version 1.4.1`: serve until interrupted or told to stop.

The first line on standard output is JSON: `url` of the proxy, `name` and the `replicas` it resolves to, `admin`
(sandbox.service.admin) and `ca` (what to trust). For load: `/bench/now` and `/bench/slow?ms=100` of a replica.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from .service import LOOPBACK, Service
from .tls import Authority


def main(arguments: Sequence[str], stop: threading.Event) -> int:
    """Serve until `stop` is set; 1 with a message where a port is taken."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.service", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="any free one unless told")
    parser.add_argument("--admin-port", type=int, default=0, help="any free one unless told")
    parser.add_argument("--replicas", type=int, default=3, choices=range(1, 17), metavar="1..16")
    parser.add_argument("--version", default="1.4.1", help="of the shop, before any deploy")
    parser.add_argument("--name", default="shop.test", help="what the replicas are known as")
    parser.add_argument("--tls", type=Path, metavar="FOLDER", help="serve HTTPS; ca.pem is written there")
    parser.add_argument("--bind", default=LOOPBACK, help="another address: then replicas differ by their port")
    given = parser.parse_args(arguments)
    authority = Authority(given.tls, (given.bind, given.name, f"www.{given.name}")) if given.tls else None
    service = Service(given.replicas, given.version, tls=authority, bind=given.bind, port=given.port, name=given.name)
    try:
        with service:
            admin = service.administered(stop.set, given.admin_port)
            print(json.dumps(_told(service, admin)), flush=True)
            stop.wait()
    except OSError as error:
        print(f"{given.bind}: {error}", file=sys.stderr)
        return 1
    return 0


def _told(service: Service, admin: str) -> dict[str, object]:
    return {
        "url": service.url,
        "name": service.name,
        "port": service.port,
        "replicas": [
            {"name": one.name, "address": one.address, "port": one.port, "url": one.url} for one in service.replicas
        ],
        "admin": admin,
        "ca": str(service.tls.ca_pem) if service.tls else None,
    }


def run() -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return main(sys.argv[1:], stop)


if __name__ == "__main__":
    sys.exit(run())
