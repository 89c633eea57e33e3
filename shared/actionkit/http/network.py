"""How this machine reaches the outside: proxies and certificate authorities, as self-hosted runners set them."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from actionkit.errors import Complaint, UsageError


@dataclass(frozen=True, slots=True)
class Network:
    """Proxies and CA bundle, stated explicitly so that no library looks into the environment on its own.

    `https_proxy` and `http_proxy` are proxy URLs or "" (they may hold a password: repr shows none of it);
    `no_proxy` a comma-separated list of hosts, domains, addresses and CIDR ranges, or `*`; `ca_bundle` the path
    of a PEM file, or "" for the authorities that come with the image.
    """

    https_proxy: str = ""
    http_proxy: str = ""
    no_proxy: str = ""
    ca_bundle: str = ""

    def __repr__(self) -> str:
        proxied = bool(self.https_proxy or self.http_proxy)
        return f"Network(proxied={proxied}, no_proxy={self.no_proxy!r}, ca_bundle={self.ca_bundle!r})"

    @classmethod
    def direct(cls) -> Network:
        """No proxy and the image's own authorities, whatever the environment says: for probes."""
        return cls()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Network:
        """Read HTTPS_PROXY, HTTP_PROXY, NO_PROXY (either case, lower case first, as curl does),
        REQUESTS_CA_BUNDLE and, behind it, SSL_CERT_FILE.

        Raises UsageError for a proxy that is no URL and for a CA bundle that is no file.
        """

        def either_case(name: str) -> str:
            return (environment.get(name.lower()) or environment.get(name) or "").strip()

        ca_variable = next((n for n in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE") if environment.get(n, "").strip()), "")
        ca_bundle = environment.get(ca_variable, "").strip()
        complaints = [
            *_complaints_about_proxy("HTTPS_PROXY", either_case("HTTPS_PROXY")),
            *_complaints_about_proxy("HTTP_PROXY", either_case("HTTP_PROXY")),
        ]
        if ca_bundle and not Path(ca_bundle).exists():
            complaints.append(
                Complaint(
                    f"{ca_variable} names {ca_bundle}, which does not exist in the action's container",
                    "put the certificate under the workspace, or unset the variable for this step",
                )
            )
        if complaints:
            raise UsageError(complaints)
        return cls(
            https_proxy=_with_scheme(either_case("HTTPS_PROXY")),
            http_proxy=_with_scheme(either_case("HTTP_PROXY")),
            no_proxy=either_case("NO_PROXY"),
            ca_bundle=ca_bundle,
        )

    def proxies_for(self, url: str) -> dict[str, str]:
        """The `proxies` argument of requests for this URL; empty means direct."""
        parts = urlsplit(url)
        proxy = self.https_proxy if parts.scheme == "https" else self.http_proxy
        if not proxy or self._bypassed(parts.hostname or "", parts.port):
            return {}
        return {parts.scheme: proxy}

    def _bypassed(self, host: str, port: int | None) -> bool:
        entries = (entry.strip().lower() for entry in self.no_proxy.split(","))
        return any(_names(entry, host, port) for entry in entries if entry)


def _names(entry: str, host: str, port: int | None) -> bool:
    """Whether one NO_PROXY entry means this host: `*`, a domain with or without leading dot, an address, a range.

    An entry may end in `:port`, as curl and Go read it.
    """
    if entry == "*" or _in_range(host, entry):
        return True
    name, colon, wanted_port = entry.rpartition(":")
    if colon and wanted_port.isdecimal() and port is not None:
        return int(wanted_port) == port and _names(name, host, None)
    domain = entry.lstrip(".").removeprefix("*.")
    return host == domain or host.endswith(f".{domain}")


def _in_range(host: str, entry: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy or not proxy else f"http://{proxy}"


def _complaints_about_proxy(name: str, proxy: str) -> list[Complaint]:
    """The proxy itself is not shown: it may hold a password."""
    accepted = "a proxy is written http://host:port or http://user:password@host:port"
    try:
        parts = urlsplit(_with_scheme(proxy))
        usable = not proxy or (parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0)
    except ValueError:
        usable = False
    return [] if usable else [Complaint(f"{name} is not the URL of an HTTP proxy", accepted)]
