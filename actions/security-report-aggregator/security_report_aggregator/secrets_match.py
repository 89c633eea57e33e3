"""Records of one leaked secret in one file: one weakness, whichever scanners and rules found it.

Equal keyed digests in one file are one secret wherever it stands. A record whose report hides the secret (redacted)
is the one on its line, or in its range of lines. The same secret in two files is two weaknesses: both must go. Nothing
of the secret or of its line goes into the id. Pure.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator

from security_report_aggregator.model import Finding
from security_report_aggregator.place_match import LOOK_BACK, Place, extent, joined
from security_report_aggregator.rows import Row, key_of

DETECTORS = {
    "aws": ("aws", "akia", "amazon"),
    "github": ("github", "ghp", "gho"),
    "gitlab": ("gitlab",),
    "gcp": ("gcp", "google"),
    "azure": ("azure", "microsoft"),
    "slack": ("slack",),
    "stripe": ("stripe",),
    "twilio": ("twilio",),
    "sendgrid": ("sendgrid",),
    "mailgun": ("mailgun",),
    "mailchimp": ("mailchimp",),
    "discord": ("discord",),
    "npm": ("npm", "npmjs"),
    "pypi": ("pypi",),
    "openai": ("openai",),
    "anthropic": ("anthropic",),
    "private-key": ("private", "privatekey", "rsa", "ssh", "pgp", "pem"),
    "jwt": ("jwt", "jsonwebtoken"),
}
"""Family -> words in the name of a rule of any scanner (`aws-access-token`, `AWS Access Key`, `AWS`)."""

GENERIC = "generic"
_GENERIC_WORDS = frozenset({"generic", "entropy", "keyword", "password", "secret", "secrets", "hex", "base64", "api"})
_FAMILY = {word: family for family, words in DETECTORS.items() for word in words}
_WORDS = re.compile(r"[a-z]+[0-9]*|[0-9]+")


def detector(rule: str) -> str:
    """What kind of secret a rule finds; `generic` for guesses by entropy and keyword, else the rule's words."""
    words = _WORDS.findall(rule.lower())
    for word in words:
        if word in _FAMILY:
            return _FAMILY[word]
    return GENERIC if not words or _GENERIC_WORDS.intersection(words) else "-".join(words)


def rows(findings: Iterable[Finding]) -> Iterator[Row]:
    """The weaknesses of these records. Linear but for sorting within a file."""
    files: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        files[finding.location.path if finding.location else ""].append(finding)
    while files:
        path, members = files.popitem()
        yield from _of_file(path, members)


def _of_file(path: str, findings: list[Finding]) -> Iterator[Row]:
    secrets: dict[str, list[Finding]] = defaultdict(list)
    hidden: dict[tuple[int, str], Place] = {}
    for finding in findings:
        if finding.secret:
            secrets[finding.secret].append(finding)
            continue
        start, end = extent(finding)
        known = (start, "" if start else f"{detector(finding.rule.id)} {finding.fingerprint}")
        place = hidden.setdefault(known, Place(start, end, []))
        place.findings.append(finding)
        place.end = max(place.end, end)
        place.starts[finding.tool] = start
    groups = list(secrets.values())
    rest = _with_hidden(groups, list(hidden.values()))
    groups.extend(place.findings for place in joined(rest, near=0))
    yield from _named(path, groups)


def _with_hidden(groups: list[list[Finding]], hidden: list[Place]) -> list[Place]:
    """Put each hidden secret to the known one at its lines, the nearest before its end; returns those without one."""
    if not groups:
        return hidden
    spans = sorted(
        ((*extent(finding), _order(finding), finding.secret), at)
        for at, group in enumerate(groups)
        for finding in group
        if extent(finding)[0]
    )
    starts = [span[0][0] for span in spans]
    rest = []
    for place in sorted(hidden, key=lambda place: (place.start, place.end)):
        until = bisect_right(starts, place.end)
        near = spans[max(0, bisect_right(starts, place.start - 1) - LOOK_BACK) : until][: 2 * LOOK_BACK]
        fitting = [(abs(span[0] - place.start), span, at) for span, at in near if span[1] >= place.start]
        if place.start and fitting:
            groups[min(fitting)[2]].extend(place.findings)
        else:
            rest.append(place)
    return rest


def _order(finding: Finding) -> tuple[int, str, str, int, str, str]:
    """Sorts records by what is the same in every run, which a keyed digest is not."""
    column = finding.location.column if finding.location else None
    return column or 0, finding.tool, finding.rule.id, finding.rated.level.rank, finding.message, finding.fingerprint


def _named(path: str, groups: list[list[Finding]]) -> Iterator[Row]:
    """An ordinal for each secret of a kind in the file: all that an id may say of it."""
    kinds: dict[str, list[list[Finding]]] = defaultdict(list)
    for group in groups:
        kinds[min((detector(finding.rule.id) for finding in group), key=_generic_last)].append(group)
    for kind, members in kinds.items():
        if len(members) > 1:
            members.sort(key=_first)
        for ordinal, group in enumerate(members):
            yield Row(key_of("secret", path, kind, str(ordinal)), group)


def _generic_last(kind: str) -> tuple[bool, str]:
    return kind == GENERIC, kind


def _first(group: list[Finding]) -> tuple[tuple[int, int], tuple[int, str, str, int, str, str], str]:
    return min((extent(finding), _order(finding), finding.secret) for finding in group)
