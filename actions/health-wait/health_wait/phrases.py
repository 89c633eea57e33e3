"""What each way to fail is called: one row per cause and per status, as it is, as it was, and what lies behind it.

`{port}`, `{timeout}`, `{status}`, `{accepts}` (what works on the way there), `{reason}` (the probe's own words), `{it}`
(the same as a clause), `{rest}` (its second clause) and `{where}` (what follows its colon) are filled in. A `now` can
be followed by "for 84 s".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from actionkit.untrusted import one_line, shortened
from actionkit.web.model import Cause, Phase
from health_wait.model import Kind, Probe, Target

LONGEST_REASON = 300
LONGEST_VERSION = 200
"""As long as the digest of an image with the name of its registry before it."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """`now`: "refuses connections"; `then`: "refused connections"; `why` follows a colon, "" where there is nothing
    to add."""

    now: str
    then: str
    why: str = ""


CAUSES = {
    Cause.NAME_NOT_FOUND: Phrase("the name does not resolve", "did not resolve", "no such record, or not yet"),
    Cause.NAME_TIMEOUT: Phrase(
        "the name servers do not answer", "had no name server that answered", "the DNS is down or out of reach"
    ),
    Cause.FORBIDDEN_ADDRESS: Phrase(
        "leads to an address that is not probed", "led to an address that is not probed", "{reason}"
    ),
    Cause.REFUSED: Phrase(
        "refuses connections", "refused connections", "the host is up, but nothing listens on port {port}"
    ),
    Cause.UNREACHABLE: Phrase("cannot be reached", "could not be reached", "there is no route to its address"),
    Cause.CONNECT_TIMEOUT: Phrase(
        "does not answer TCP connects (timeout {timeout})",
        "did not answer TCP connects",
        "the host is down, or a firewall drops the packets",
    ),
    Cause.PROXY: Phrase("cannot be reached through the proxy", "could not be reached through the proxy", "{reason}"),
    Cause.TLS_TIMEOUT: Phrase(
        "TCP accepts, but the TLS handshake does not end (timeout {timeout})",
        "did not end its TLS handshakes",
        "the server is overloaded, or speaks no TLS on port {port}",
    ),
    Cause.TLS_FAILED: Phrase("TCP accepts, but the TLS handshake fails", "failed its TLS handshakes", "{it}"),
    Cause.UNTRUSTED: Phrase(
        "TLS answers, but shows an untrusted certificate",
        "showed an untrusted certificate",
        "{it}; name it or its authority in ca-bundle",
    ),
    Cause.WRONG_HOST: Phrase(
        "TLS answers, but shows another host's certificate", "showed another host's certificate", "{it}"
    ),
    Cause.EXPIRED: Phrase("TLS answers, but shows an outdated certificate", "showed an outdated certificate", "{it}"),
    Cause.RESET: Phrase(
        "{accepts}, but the connection is reset",
        "reset its connections",
        "{it}, as a process does that crashes or speaks another protocol",
    ),
    Cause.CLOSED: Phrase(
        "{accepts}, but the connection is closed without an answer",
        "closed its connections without an answer",
        "the process behind the port is not ready",
    ),
    Cause.SILENT: Phrase(
        "{accepts}, but no byte of an answer comes (timeout {timeout})",
        "accepted connections without an answer",
        "the process hangs or is overloaded",
    ),
    Cause.SLOW: Phrase(
        "answers too slowly", "answered too slowly", "{it}; a larger timeout tells whether it ever ends"
    ),
    Cause.TRUNCATED: Phrase("begins to answer, but breaks off", "broke off in the middle of its answers", "{it}"),
    Cause.TOO_LARGE: Phrase(
        "answers more than a probe reads", "answered more than a probe reads", "probe a smaller page"
    ),
    Cause.UNDECODABLE: Phrase("answers with a damaged body", "answered with damaged bodies", "{it}"),
    Cause.NOT_HTTP: Phrase(
        "{accepts}, but what comes back is not valid HTTP", "answered something that is not valid HTTP", "{it}"
    ),
    Cause.BAD_REDIRECT: Phrase(
        "answers a redirect that cannot be followed", "answered redirects that cannot be followed", "{reason}"
    ),
    Cause.BAD_REQUEST: Phrase("cannot be asked", "could not be asked", "{reason}"),
}

_UNEXPECTED = ("answers {status}", "answered {status}")

STATUSES = {
    401: Phrase(
        "asks for credentials (401)", "asked for credentials (401)", "list 401 in expect-status if that is healthy"
    ),
    403: Phrase(
        "forbids access (403)", "forbade access (403)", "it needs credentials, or a firewall in front of it says no"
    ),
    404: Phrase(
        "has no such page (404)", "had no such page (404)", "the path is wrong, or its route is not deployed yet"
    ),
    407: Phrase("the proxy asks for credentials (407)", "had a proxy that asked for credentials (407)"),
    429: Phrase("is asked too often (429)", "was asked too often (429)", "it limits the rate; use a longer period"),
    500: Phrase(*_UNEXPECTED, "the application runs, but fails"),
    502: Phrase(
        "{accepts}, but the proxy answers 502", "had a proxy that answered 502", "the backend behind it is down"
    ),
    503: Phrase(
        "{accepts}, but the answer is 503", "answered 503", "no backend is ready, or it says itself that it is not"
    ),
    504: Phrase(
        "{accepts}, but the proxy answers 504",
        "had a proxy that answered 504",
        "the backend behind it does not answer in time",
    ),
}
"""Statuses that tell more than their class."""

CLASSES = {
    1: Phrase(*_UNEXPECTED, "no final answer"),
    2: Phrase(*_UNEXPECTED, "expect-status does not list it"),
    3: Phrase("redirects ({status})", "redirected ({status})", "{rest}"),
    4: Phrase(*_UNEXPECTED, "the request is not accepted"),
    5: Phrase(*_UNEXPECTED, "the server fails"),
}


def phrase(target: Target, probe: Probe) -> Phrase:
    """How the probe failed, in words, filled in."""
    row = _row(target, probe)
    words = {
        "{port}": str(target.port),
        "{timeout}": told(target.timeout),
        "{status}": str(probe.status),
        "{accepts}": accepts(target, probe),
        "{reason}": reason(probe),
        "{it}": f"it {reason(probe)}",
        "{rest}": reason(probe).partition("; ")[2] or reason(probe),
        "{where}": reason(probe).partition(", but states no version: ")[2] or reason(probe),
    }
    return Phrase(*(_filled(text, words) for text in (row.now, row.then, row.why)))


def kind_of_failure(target: Target, probe: Probe) -> str:
    """Two failed probes with the same word failed alike. Whether a connection that nobody wants is closed or reset is
    a matter of moments, and may change from one probe to the next."""
    if probe.cause is not None:
        return Cause.CLOSED if probe.cause is Cause.RESET else probe.cause
    if probe.serving:
        return f"version {probe.version}"
    return f"status {probe.status}" if _wrong_status(target, probe) else "answer"


def accepts(target: Target, probe: Probe) -> str:
    """What works on the way to an answer."""
    encrypted = target.kind is Kind.HTTP and target.url[:6].lower() == "https:" and probe.phase is not Phase.TLS
    return "TCP and TLS accept" if encrypted else "TCP accepts"


def reason(probe: Probe) -> str:
    """The probe's own words, short."""
    return shortened(one_line(probe.reason), LONGEST_REASON) or "gave no reason"


def version(found: str | None) -> str:
    """A version as it may be shown; it was written by others."""
    return shortened(one_line(found or ""), LONGEST_VERSION) or "no version"


def told(seconds: float) -> str:
    """A duration for people: `340 ms`, `3.2 s`, `84 s`, `12 min`."""
    if seconds < 0.9995:
        return f"{round(seconds * 1000)} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    return f"{round(seconds)} s" if seconds < 600 else f"{round(seconds / 60)} min"


def _row(target: Target, probe: Probe) -> Phrase:
    if probe.cause is not None:
        return CAUSES[probe.cause]
    if probe.serving and target.expectation:
        return _other_version(probe, version(target.expectation.version))
    if probe.status is not None and _wrong_status(target, probe):
        return STATUSES.get(probe.status) or CLASSES.get(probe.status // 100, Phrase(*_UNEXPECTED))
    return Phrase("does not answer as expected", "did not answer as expected", "{it}")


def _other_version(probe: Probe, wanted: str) -> Phrase:
    if probe.version is None:
        return Phrase(f"{_answers(probe)} but states no version, so not {wanted}", "stated no version", "{where}")
    found = version(probe.version)
    return Phrase(f"{_answers(probe)} but still serves {found}, not {wanted}", f"served {found} again, not {wanted}")


def _answers(probe: Probe) -> str:
    return "answers" if probe.status is None else f"answers {probe.status}"


def _wrong_status(target: Target, probe: Probe) -> bool:
    return probe.status is not None and target.expectation is not None and probe.status not in target.expectation.status


def _filled(text: str, words: dict[str, str]) -> str:
    # In one pass, so that nothing in what others wrote is filled in again.
    return re.sub(r"\{[a-z]+\}", lambda name: words[name[0]], text)
