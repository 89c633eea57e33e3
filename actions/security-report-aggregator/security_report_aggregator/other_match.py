"""Alerts of a running site and findings about licences: what makes two of them one. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from security_report_aggregator.model import Finding
from security_report_aggregator.purls import same_name
from security_report_aggregator.rows import Row, key_of


def alert_rows(findings: Iterable[Finding]) -> Iterator[Row]:
    """One weakness for a rule, the path of a URL and a parameter; the query does not count.

    Hosts tell alerts apart, but only their order goes into the id: a preview's host is another one in every run.
    """
    places: dict[tuple[str, str, str, str], dict[str, list[Finding]]] = defaultdict(dict)
    for finding in findings:
        host, path = _split(finding.location.path if finding.location else "")
        places[finding.tool, finding.rule.id, path, finding.resource].setdefault(host, []).append(finding)
    for place, hosts in places.items():
        for ordinal, host in enumerate(sorted(hosts)):
            yield Row(key_of("alert", *place, str(ordinal)), hosts[host])


def license_rows(findings: Iterable[Finding]) -> Iterator[Row]:
    """One weakness for a package without its version and a licence expression."""
    groups: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        type_ = finding.package.type if finding.package else ""
        name = same_name(type_, finding.package.name) if finding.package else ""
        if not name and finding.location:
            name = finding.location.path
        expression = " ".join(finding.license.lower().split())
        groups[type_, name, expression or finding.rule.id].append(finding)
    for group, members in groups.items():
        yield Row(key_of("license", *group), members)


def _split(url: str) -> tuple[str, str]:
    """Host and path of a URL, without query, fragment and last slash; nothing raises on a URL that is none."""
    plain = url.partition("#")[0].partition("?")[0]
    _, has_host, rest = plain.partition("://")
    host, slash, path = rest.partition("/") if has_host else ("", "", plain)
    return host.lower(), f"{slash}{path}".rstrip("/") or "/"
