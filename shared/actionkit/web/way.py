"""How a client reaches the world, all of it stated: nothing is read from the environment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from actionkit.web.resolve import system

Resolver = Callable[[str, int], Sequence[str]]
"""Host and port to IP addresses. May block: it is called in a thread that is left behind at the deadline.
Raises `socket.gaierror` (or any OSError) for a name without addresses."""


@dataclass(frozen=True, slots=True)
class Way:
    """`proxy` is `http://[user:password@]host:port` or "" for a direct way; `ca_bundle` a PEM file or a folder of
    hashed ones, "" for the authorities that come with the image (certifi).

    `insecure` switches certificate verification off, not the facts about it. `allow_hosts` are host names and
    addresses that may be reached although they are link-local or a cloud's metadata service.
    """

    proxy: str = field(default="", repr=False)
    ca_bundle: str = ""
    insecure: bool = False
    allow_hosts: tuple[str, ...] = ()
    resolve: Resolver = system
