"""Where this process runs, as far as it explains why `localhost` is not what the user thinks it is."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

_MARKS = (".dockerenv", "run/.containerenv")
"""Files that Docker and Podman put into every container."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`in_container`: this process has a loopback interface of a container's own, as far as can be told. `gateway` is
    the address at which the container's host listens, "" where it is not known."""

    in_container: bool = False
    gateway: str = ""


def look(root: Path = Path("/")) -> Surroundings:
    """What the files under `root` tell; a folder that is no root of a Linux system tells nothing."""
    if not any((root / mark).exists() for mark in _MARKS):
        return Surroundings()
    try:
        routes = (root / "proc/net/route").read_text("ascii", "replace")
    except OSError:
        routes = ""
    return Surroundings(True, _gateway(routes))


def _gateway(routes: str) -> str:
    """The default route's gateway: columns of hexadecimal in the machine's byte order (proc(5), /proc/net/route)."""
    for line in routes.splitlines()[1:]:
        columns = line.split()
        if len(columns) > 2 and columns[1] == "00000000":
            try:
                number = int.from_bytes(bytes.fromhex(columns[2])[:4], "little")
            except ValueError:
                continue
            if number:
                return str(ipaddress.IPv4Address(number))
    return ""


def is_loopback(host: str) -> bool:
    """Whether a host always means the machine, or container, that asks (RFC 6761, section 6.3)."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def why_refused(host: str, port: int, surroundings: Surroundings) -> str:
    """What to say beside "refuses connections" where a container asked itself; "" elsewhere."""
    if not surroundings.in_container or not is_loopback(host):
        return ""
    runner = f" (`{surroundings.gateway}`)" if surroundings.gateway else ""
    return (
        f"; `{host}` is this action's own container here: for a service container write its name, "
        f"as in `NAME:{port}`, and for a process on the runner the Docker gateway{runner}, "
        "with the process listening on 0.0.0.0"
    )
