"""What a SARIF run says beside its results: its scanner, its files, how it went (SARIF 2.1.0, 3.14, 3.20)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from actionkit.jsonstream import CLOSED, Path
from security_report_aggregator.readers.fields import NONE, Object, moment, obj, text
from security_report_aggregator.readers.remarks import one_line
from security_report_aggregator.readers.sarif_messages import spoken
from security_report_aggregator.readers.sarif_places import Places
from security_report_aggregator.readers.sarif_rules import Component, Rules
from security_report_aggregator.readers.sarif_tally import clipped
from security_report_aggregator.readers.semgrep import UNSCANNED
from security_report_aggregator.tools import normalised

NO_RESULTS = "says nothing about results, which in SARIF means that no scan was done"

_LATE = {
    "tool": b"",
    "artifacts": b'"artifacts"',
    "invocations": b'"workingDirectory"',
    "originalUriBaseIds": b'"originalUriBaseIds"',
    "properties": b'"imageName"',
    "versionControlProvenance": b'"mappedTo"',
}
"""Members of a run that its results cannot be read without, and the text without which a document has none that counts.

`ruleConfigurationOverrides` are looked for besides, for the level of results.
"""
_OVERRIDES = b'"ruleConfigurationOverrides"'


class Head:
    """All members of a run but its results, filled while they are read."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.driver = Component()
        self.extensions: dict[int, Component] = {}
        self.results_are: object = None
        self._artifacts: list[Object] = []
        self._members: dict[str, object] = {}

    def take(self, rest: Path, value: object) -> None:
        """A value of the run with its path below it. CLOSED ends containers."""
        key = str(rest[0])
        self.seen.add(key)
        if key == "tool":
            self._take_tool(rest[1:], value)
        elif key == "artifacts" and len(rest) == 2:
            self._artifacts.append(obj(obj(value).get("location")))
        elif key == "results":
            self.results_are = value
        elif len(rest) == 1 and value is not CLOSED:
            self._members[key] = value

    def _take_tool(self, rest: Path, value: object) -> None:
        if rest[:1] == ("driver",):
            component, rest = self.driver, rest[1:]
        elif rest[:1] == ("extensions",) and len(rest) > 1 and isinstance(rest[1], int):
            component, rest = self.extensions.setdefault(rest[1], Component()), rest[2:]
        else:
            return
        if len(rest) == 2 and rest[0] == "rules":
            component.add(value)
        elif len(rest) == 1 and value is not CLOSED:
            component.take(str(rest[0]), value)

    def is_ready(self, holds: Callable[[bytes], bool]) -> bool:
        """Whether results can be read now. `holds` tells whether the document holds a text somewhere."""
        if "invocations" not in self.seen and holds(_OVERRIDES):
            return False
        return not any(holds(sign) for key, sign in _LATE.items() if key not in self.seen)

    def tool(self, label: str) -> str:
        """The scanner's name; `label` for one that is not named, else `unknown`."""
        return normalised(self.driver.name or label) or "unknown"

    @property
    def version(self) -> str:
        return self.driver.version[:80]

    @property
    def is_image(self) -> bool:
        """Whether a container image was scanned (Trivy's `imageName`)."""
        return bool(text(obj(self._members.get("properties")).get("imageName")))

    @property
    def rules(self) -> Rules:
        return Rules(self.driver, self.extensions)

    @property
    def places(self) -> Places:
        bases = obj(self._members.get("originalUriBaseIds"))
        root = obj(self._provenance.get("mappedTo"))
        return Places(self._artifacts, bases, root, [obj(one.get("workingDirectory")) for one in self.invocations])

    @property
    def invocations(self) -> list[Object]:
        found = self._members.get("invocations")
        return [obj(one) for one in found] if isinstance(found, list) else []

    @property
    def commit(self) -> str:
        """The revision that was scanned, "" if the report does not say."""
        return text(self._provenance.get("revisionId")).strip()[:100]

    @property
    def started(self) -> datetime | None:
        """When the first invocation started; when it ended, for scanners that say only that."""
        for key in ("startTimeUtc", "endTimeUtc"):
            moments = [found for one in self.invocations if (found := moment(one.get(key)))]
            if moments:
                return min(moments)
        return None

    @property
    def _provenance(self) -> Object:
        found = self._members.get("versionControlProvenance")
        return obj(found[0]) if isinstance(found, list) and found else NONE

    def gaps(self) -> Iterator[str]:
        """What the run did not do, by its own account."""
        name = clipped(self.driver.name) or "the scanner"
        if not self.driver.name:
            yield "the run does not name its scanner"
        if self.results_are is not CLOSED:
            yield f"the run {NO_RESULTS}"
        if obj(self._members.get("externalPropertyFileReferences")).get("results"):
            yield f"{name} wrote results to other files, which are not read"
        for invocation in self.invocations:
            if invocation.get("executionSuccessful") is False:
                yield f"{name} says that it did not finish{_how(invocation)}"
        places = self.places
        errors = [said for one in self.invocations for said in self._errors(one, places)]
        if errors:
            first = one_line(errors[0])
            yield (
                f"{name} reports an error: {first}"
                if len(errors) == 1
                else (f"{name} reports {len(errors)} errors, the first: {first}")
            )

    def _is_unscanned(self, notification: Object) -> bool:
        """Whether a warning of Semgrep says that code was not scanned; its own JSON has the same words for it."""
        named = text(obj(notification.get("descriptor")).get("id"))
        return normalised(self.driver.name) == "semgrep" and UNSCANNED.search(named) is not None

    def notes(self) -> Iterator[str]:
        if self.driver.has_bad_rules or any(one.has_bad_rules for one in self.extensions.values()):
            yield "the rules of the run are no list, so that its results are without them"

    def _errors(self, invocation: Object, places: Places) -> Iterator[str]:
        for key in ("toolExecutionNotifications", "toolConfigurationNotifications"):
            notifications = invocation.get(key)
            for one in notifications if isinstance(notifications, list) else []:
                if obj(one).get("level") == "error" or self._is_unscanned(obj(one)):
                    said = spoken(obj(one).get("message"), self.driver.strings) or _named(one)
                    yield f"{said}{_at(one, places)}"


def _named(notification: object) -> str:
    exception = obj(obj(notification).get("exception"))
    return text(exception.get("message")) or text(exception.get("kind")) or "without a message"


def _at(notification: object, places: Places) -> str:
    locations = obj(notification).get("locations")
    first = obj(locations[0]) if isinstance(locations, list) and locations else NONE
    place = places.of(obj(obj(first.get("physicalLocation")).get("artifactLocation")))
    return f" ({clipped(place.path)})" if place else ""


def _how(invocation: Object) -> str:
    code = invocation.get("exitCode")
    said = [
        f"exit code {code}" if isinstance(code, int) and not isinstance(code, bool) else "",
        *(text(invocation.get(key)) for key in ("exitCodeDescription", "exitSignalName", "processStartFailureMessage")),
    ]
    found = ", ".join(one_line(one) for one in said if one.strip())
    return f": {found}" if found else ""
