"""Advisories as the npm registry words them: whole ones (npm 6, pnpm, yarn), and those in `via` (npm 7 and later)."""

from __future__ import annotations

import re

from security_report_aggregator.document import Document
from security_report_aggregator.model import Category, Finding, Package, Rated, Rule
from security_report_aggregator.readers.fields import Object, moment, numbers_of_cwes, obj, text, texts
from security_report_aggregator.readers.ids import ids_in
from security_report_aggregator.readers.strict import objects
from security_report_aggregator.severity import by_score, by_word

_BELOW = re.compile(r"(?<![<>=])<\s*v?([0-9][0-9A-Za-z.+-]*)")
_FROM = re.compile(r">=?\s*v?([0-9][0-9A-Za-z.+-]*)")


def whole(document: Document, advisory: Object, where: str, tool: str, path: str = "") -> Finding:
    """A finding of an advisory with `module_name` and `findings`; `path` is the dependency path it was seen on.

    Raises Unreadable.
    """
    name = _required(document, advisory.get("module_name"), f"{where}.module_name")
    versions = _versions(document, advisory, where, path)
    return _finding(
        tool,
        advisory,
        Package("npm", name, versions[0] if len(versions) == 1 else ""),
        ids_in(advisory.get("cves"), advisory.get("github_advisory_id"), advisory.get("url")),
        own=text(advisory.get("id")),
        fixed_in=tuple(dict.fromkeys(_FROM.findall(text(advisory.get("patched_versions"))))),
    )


def via(document: Document, advisory: Object, where: str, tool: str, fix: object) -> Finding:
    """A finding of an object in `via`; `fix` is the `fixAvailable` beside it. Raises Unreadable."""
    name = _required(document, advisory.get("name"), f"{where}.name")
    upgrade = obj(fix)
    own = (text(upgrade.get("version")),) if upgrade.get("name") == name and upgrade.get("version") else ()
    return _finding(
        tool,
        advisory,
        Package("npm", name),
        ids_in(advisory.get("url")),
        own=text(advisory.get("source")),
        fixed_in=below(text(advisory.get("range"))) or own,
    )


def below(versions: str) -> tuple[str, ...]:
    """The versions that a range of vulnerable ones ends before: `>=4.0.0 <4.3.1 || <2.6.9` -> 4.3.1 and 2.6.9."""
    return tuple(dict.fromkeys(_BELOW.findall(versions)))


def paths_of(document: Document, advisory: Object, where: str) -> tuple[str, ...]:
    """The dependency paths (`express>debug`) of all findings of a whole advisory. Raises Unreadable."""
    found = objects(document, advisory, "findings", f"{where}.findings")
    return tuple(path for one in found for path in texts(one.get("paths")))


def _finding(
    tool: str, advisory: Object, package: Package, ids: tuple[str, ...], *, own: str, fixed_in: tuple[str, ...]
) -> Finding:
    title, url = text(advisory.get("title")), text(advisory.get("url"))
    named = next((one for one in ids if one.startswith("GHSA-")), "")
    rule = Rule(
        named or own or title,
        title,
        text(advisory.get("overview")),
        url if url.startswith(("https://", "http://")) else "",
        numbers_of_cwes(advisory.get("cwe")),
    )
    return Finding(
        Category.DEPENDENCY,
        tool,
        rule,
        _rated(advisory),
        title or f"{rule.id} in {package.name}",
        package=package,
        aliases=ids,
        fixed_in=fixed_in,
        published=moment(advisory.get("created")),
        url=rule.help_uri,
    )


def _rated(advisory: Object) -> Rated:
    """The registry's word; its CVSS score goes along. A score of 0 stands for none."""
    score = by_score(obj(advisory.get("cvss")).get("score"), "cvss").score
    return by_word(advisory.get("severity"), "severity of the advisory", score=score or None)


def _versions(document: Document, advisory: Object, where: str, path: str) -> tuple[str, ...]:
    found = list(objects(document, advisory, "findings", f"{where}.findings"))
    if path and (on_path := [one for one in found if path in texts(one.get("paths"))]):
        found = on_path
    return texts([one.get("version") for one in found])


def _required(document: Document, value: object, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise document.unreadable(f"`{what}` is no text")
    return text(value)
