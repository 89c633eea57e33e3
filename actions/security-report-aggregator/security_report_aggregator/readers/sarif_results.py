"""The results of a SARIF run as findings (SARIF 2.1.0, 3.27)."""

from __future__ import annotations

import re

from security_report_aggregator.document import Document
from security_report_aggregator.model import Category, Finding, Location, Rule
from security_report_aggregator.purls import SYSTEM_TYPES
from security_report_aggregator.readers.fields import NONE, Object, obj, text
from security_report_aggregator.readers.leaks import digest
from security_report_aggregator.readers.sarif_flows import Budget, Flows, Made, flows_of, has_flows, shown_of
from security_report_aggregator.readers.sarif_messages import spoken
from security_report_aggregator.readers.sarif_packages import SCA, Vulnerable, vulnerable
from security_report_aggregator.readers.sarif_places import Wrong, located
from security_report_aggregator.readers.sarif_profiles import Profile, Profiles
from security_report_aggregator.readers.sarif_run import Head
from security_report_aggregator.readers.sarif_tally import Tally

NO_FAILURES = frozenset({"pass", "notApplicable", "informational"})
"""Kinds of results that say nothing is wrong: no findings."""

_NOTHING = Vulnerable(None, (), (), "", "")
_QUOTED = re.compile(r"(?P<quote>['\"`]).{1,300}?(?P=quote)")
_MATCH = re.compile(r"^ ?Match: .*$", re.MULTILINE)
# Their snippet is the secret itself; that of other scanners is the line around it, or is blanked.
_SNIPPET_IS_SECRET = frozenset({"gitleaks", "betterleaks"})


class Results:
    """Makes findings of results, one by one; counts what is odd about them in `notes`, what is missing in `gaps`."""

    def __init__(self, document: Document, head: Head, budget: Budget) -> None:
        self.findings: list[Finding] = []
        self.notes, self.gaps = Tally(), Tally()
        self._document, self._budget = document, budget
        self._tool = head.tool(document.label)
        self._profiles = Profiles(head, self._tool, self.notes)
        self._places, self._is_image = head.places, head.is_image
        self._shown: dict[int, Made] = {}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that findings are of, in the order of their first finding."""
        return self._profiles.rules

    def add(self, result: Object) -> None:
        """Take the next result of the run."""
        kind = result.get("kind")
        if isinstance(kind, str) and kind in NO_FAILURES:
            self.notes.add(f"are no failures (kind {kind}) and left out")
        elif result.get("baselineState") == "absent":
            self.notes.add("are gone since an earlier run (baselineState absent) and left out")
        else:
            found = self._finding(result)
            # A million results without a place, which say the same, are one object: that much memory is not theirs.
            if found.location is None and self.findings and found == self.findings[-1]:
                found = self.findings[-1]
            self.findings.append(found)

    def _finding(self, result: Object) -> Finding:
        profile = self._profiles.of(result)
        message = spoken(result.get("message"), profile.descriptor.messages, profile.component.strings)
        physical, resource = _where(result)
        location = self._location(physical, profile)
        if profile.is_unparsed:
            self.gaps.add(
                "say that a file does not parse, so that it was not checked", location.path if location else ""
            )
        category, package = profile.category, _NOTHING
        if category in SCA:
            path = location.path if location and location.is_file else ""
            package = vulnerable(result, profile.descriptor, message, tool=self._tool, resource=resource, path=path)
            if category is Category.DEPENDENCY and self._is_in_image(package, resource):
                category = Category.CONTAINER
            if category is Category.CONTAINER and location:
                location = Location(location.path, is_file=False)
        snippet = ""
        if profile.has_secrets:
            snippet = _source(physical)
            # However a scanner of secrets words its message, the secret may be in it, and not as the snippet spells it.
            message = "" if category is Category.SECRET else _blanked(message, snippet)
        prints = result.get("partialFingerprints")
        return Finding(
            category,
            self._tool,
            profile.rule,
            self._profiles.rated(result, profile),
            message or profile.rule.description or profile.rule.name or profile.rule.id,
            location,
            package.package,
            package.aliases,
            package.fixed_in,
            resource,
            self._digest(snippet) if category is Category.SECRET else "",
            package.license,
            _suppressed(result.get("suppressions")),
            url=package.url,
            fingerprint=text(prints.get("primaryLocationLineHash"))[:200] if isinstance(prints, dict) else "",
            confidence=_confidence(result, profile),
            flows=self._flows(result, profile) if has_flows(result) and not profile.has_secrets else None,
        )

    def _location(self, physical: Object, profile: Profile) -> Location | None:
        artifact = physical.get("artifactLocation")
        place = self._places.of(artifact) if isinstance(artifact, dict) else None
        if place is None:
            return None
        if place.wrong is Wrong.NO_FILE:
            self.gaps.add("lie where no file can be: the location names none", place.path)
        elif place.wrong is Wrong.OUTSIDE:
            self.notes.add("lie outside of the repository, as far as the report tells", place.path)
        return located(physical, place, has_secret=profile.has_secrets)

    def _is_in_image(self, package: Vulnerable, resource: str) -> bool:
        """Trivy names the image in the run, Grype in the resource; system packages are nowhere else."""
        is_system = package.package is not None and package.package.type in SYSTEM_TYPES
        return self._is_image or is_system or "@sha256:" in resource

    def _digest(self, snippet: str) -> str:
        return digest(self._document, snippet) if self._tool in _SNIPPET_IS_SECRET else ""

    def _flows(self, result: Object, profile: Profile) -> Flows | None:
        if self._budget.is_spent:
            self.notes.add(_FLOWS_LOST)
            return None
        flows = flows_of(result, self._made(profile))
        if not self._budget.take(flows.size):
            self.notes.add(_FLOWS_LOST)
            return None
        return flows

    def _made(self, profile: Profile) -> Made:
        """How the flows of a rule's results are shown; one function for all of them."""
        known = self._shown.get(id(profile))
        if known is None:
            tables, places = (profile.descriptor.messages, profile.component.strings), self._places
            known = self._shown[id(profile)] = lambda parts: shown_of(parts, places, lambda one: spoken(one, *tables))
        return known


_FLOWS_LOST = "lost their code flows and related locations, of which only 32 MiB a file are kept"


def _where(result: Object) -> tuple[Object, str]:
    """The physical location of a result, and the name of its logical one; only the first location counts."""
    locations = result.get("locations")
    first = obj(locations[0]) if isinstance(locations, list) and locations else NONE
    logical = first.get("logicalLocations")
    named = obj(logical[0]) if isinstance(logical, list) and logical else NONE
    resource = text(named.get("fullyQualifiedName")) or text(named.get("name")) if named else ""
    return obj(first.get("physicalLocation")), resource[:500]


def _source(physical: Object) -> str:
    """The reported source text, whole: a digest of a part would match no other report's."""
    found = obj(obj(physical.get("region")).get("snippet")).get("text")
    return found if isinstance(found, str) else ""


def _suppressed(suppressions: object) -> str:
    """Why a result was set aside, "" if it was not: one that is under review or was rejected sets nothing aside."""
    if not isinstance(suppressions, list) or not suppressions:
        return ""
    found = [one for one in suppressions if isinstance(one, dict)]
    # `state` is how drafts of SARIF 2.1.0 called `status`.
    statuses = {one.get("status") or one.get("state") or "accepted" for one in found if _is_text_or_none(one)}
    if len(found) < len(suppressions) or statuses != {"accepted"}:
        return ""
    reasons = [one for suppression in found if (one := text(suppression.get("justification")).strip())]
    where = "in the source" if any(one.get("kind") == "inSource" for one in found) else "outside of the source"
    return f"suppressed {where}" + (f": {'; '.join(reasons)[:500]}" if reasons else "")


def _is_text_or_none(suppression: Object) -> bool:
    return all(isinstance(suppression.get(key), str | None) for key in ("status", "state"))


def _confidence(result: Object, profile: Profile) -> str:
    properties = result.get("properties")
    said = (
        text(properties.get("issue_confidence") or properties.get("confidence")) if isinstance(properties, dict) else ""
    )
    return (said or profile.descriptor.precision)[:40].lower()


def _blanked(message: str, snippet: str) -> str:
    """A message without what may be the secret: the reported source, quoted texts, and Trivy's `Match:`."""
    message = _MATCH.sub("", message)
    for part in (snippet, snippet.strip()):
        if len(part) > 3:
            message = message.replace(part, "…")
    return _QUOTED.sub("…", message).strip()
