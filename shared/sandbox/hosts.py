"""What /etc/hosts is to a machine, for one Python program: names that lead to these addresses, and all others as ever.

`python -m sandbox.hosts '{"shop.test": ["127.0.0.2", "127.0.0.3"]}' SCRIPT ARGUMENT…` runs the script so. A
process has no hosts file of its own, and the machine's is not ours to write.
"""

from __future__ import annotations

import json
import runpy
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Hosts = Mapping[str, Sequence[str]]
"""Host name -> its addresses."""


def with_hosts(argv: Sequence[str], hosts: Hosts) -> Sequence[str]:
    """The command `python … SCRIPT` as one in which the script finds these hosts."""
    return (*argv[:-1], "-m", __name__, json.dumps({name: list(found) for name, found in hosts.items()}), argv[-1])


def resolver(hosts: Hosts, ask: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """A `getaddrinfo` that knows these hosts and asks the other one about the rest."""

    def getaddrinfo(host: bytes | str | None, *arguments: Any, **named: Any) -> list[Any]:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        addresses = hosts.get(name.lower()) if name else None
        if addresses is None:
            return ask(host, *arguments, **named)
        return [entry for address in addresses for entry in ask(address, *arguments, **named)]

    return getaddrinfo


def main() -> None:
    hosts, script = json.loads(sys.argv[1]), sys.argv[2]
    socket.getaddrinfo = resolver(hosts, socket.getaddrinfo)
    sys.argv = sys.argv[2:]
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
