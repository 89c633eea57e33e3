"""What is wrong with the waivers themselves: expired, unused, too far ahead, not approved. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from actionkit.origin import Origin
from actionkit.outcome import Problem, Severity
from actionkit.untrusted import one_line, shortened
from security_report_aggregator.approval import SCANNER, Lack
from security_report_aggregator.model import Weakness
from security_report_aggregator.waiver import Waiver

LONGEST = timedelta(days=366)
"""A waiver further ahead than this is said: it is an exception that nobody will remember."""

UNUSED = "Waiver without a finding"

PER_KIND = 20
"""Problems of one kind that are told one by one; a VEX document may hold thousands that match nothing here."""


@dataclass(slots=True)
class _Refused:
    """The weaknesses that one waiver would cover if it counted."""

    waiver: Waiver
    example: str
    lacks: tuple[Lack, ...]
    why: str
    count: int = 0


@dataclass(slots=True)
class Review:
    """Collects, weakness by weakness, which waivers were of use and which were refused."""

    waivers: Sequence[Waiver]
    today: date
    _used: set[Origin] = field(default_factory=set)
    _refused: dict[tuple[Origin, tuple[Lack, ...]], _Refused] = field(default_factory=dict)

    def used(self, waivers: Iterable[Waiver]) -> None:
        self._used.update(waiver.origin for waiver in waivers)

    def refused(self, waiver: Waiver, weakness: Weakness, lacks: tuple[Lack, ...], why: str) -> None:
        """A waiver that covers a weakness and does not count, for want of `lacks`, which `why` sums up."""
        known = self._refused.setdefault((waiver.origin, lacks), _Refused(waiver, _named(weakness), lacks, why))
        known.count += 1

    def problems(self) -> Iterator[Problem]:
        for problems in (self._expired(), self._unapproved(), self._unused(), self._long()):
            told = list(problems)
            yield from told[:PER_KIND]
            if len(told) > PER_KIND:
                message = f"and {len(told) - PER_KIND} more of the same: {told[PER_KIND].title.lower()}"
                yield Problem(message, severity=Severity.WARNING, title=told[PER_KIND].title)

    def _expired(self) -> Iterator[Problem]:
        for waiver in self.waivers:
            if waiver.until is not None and not waiver.active(self.today):
                yield _problem(
                    waiver,
                    f"{said(waiver)} expired after {waiver.until.isoformat()} and no longer counts "
                    f"(its reason was: {_short(waiver.reason)})",
                    "Fix what it waives and remove it, or set a later `until` with a reason that holds today.",
                    "Waiver expired",
                )

    def _unapproved(self) -> Iterator[Problem]:
        for refused in self._refused.values():
            waiver = refused.waiver
            active = waiver.active(self.today)
            if not active and len(refused.lacks) == 1:
                continue  # `_expired` says so.
            does = "does not count" if active else "would not count either way"
            more = f" and {refused.count - 1} more" if refused.count > 1 else ""
            message = f"{said(waiver)} {does} for {refused.example}{more}: {refused.why}"
            yield _problem(waiver, message, " ".join(lack.fix for lack in refused.lacks), "Waiver not approved")

    def _unused(self) -> Iterator[Problem]:
        for waiver in self.waivers:
            if waiver.active(self.today) and waiver.origin not in self._used:
                yield _problem(
                    waiver,
                    f"{said(waiver)} covers no finding of any report",
                    "Remove it, or correct what it names.",
                    UNUSED,
                )

    def _long(self) -> Iterator[Problem]:
        for waiver in self.waivers:
            if waiver.until is not None and waiver.until - self.today > LONGEST:
                yield _problem(
                    waiver,
                    f"{said(waiver)} lasts until {waiver.until.isoformat()}, which is more than a year ahead",
                    "Choose a nearer day; it can be prolonged then.",
                    "Waiver for a long time",
                )


def said(waiver: Waiver) -> str:
    """The waiver as messages name it: where it stands and what it is for."""
    if waiver.source == SCANNER:
        return f"a suppression in {waiver.origin.name} ({_short(waiver.reason)})"
    named = ", ".join(f"`{_short(one)}`" for one in (*waiver.ids, *waiver.rules, *waiver.packages)[:3])
    return f"the waiver {waiver.origin} for {named or waiver.scope}"


def _named(weakness: Weakness) -> str:
    name = _short(next(iter(weakness.aliases), weakness.first.rule.id))
    package = weakness.first.package
    where = f" in {_short(package.name)}" if package is not None else ""
    return f"{name}{where} ({weakness.rated.level.value})"


def _short(text: str) -> str:
    return shortened(one_line(text), 80)


def _problem(waiver: Waiver, message: str, fix: str, title: str) -> Problem:
    return Problem(message, fix, waiver.origin.path, waiver.origin.line, Severity.WARNING, title=title)
