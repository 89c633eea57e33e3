"""Which rule a SARIF result is of, what kind of weakness that makes it, and how severe it is.

Severity: a numeric `security-severity` of the result, then of the rule; a word in its place likewise; then the level of
the result, of its invocation's override, of the rule; then CodeQL's `problem.severity`; then SARIF's own default. That
is no statement of a scanner: a leaked secret is unknown instead, as in the scanner's own format.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from security_report_aggregator.model import UNRATED, Category, Level, Rated, Rule
from security_report_aggregator.readers.fields import Object, numbers_of_cwes, obj, text
from security_report_aggregator.readers.sarif_kinds import category_of, is_credential, is_unparsed
from security_report_aggregator.readers.sarif_packages import SCA
from security_report_aggregator.readers.sarif_rules import Component, Descriptor, Meant, security_severity, taxa
from security_report_aggregator.readers.sarif_run import Head
from security_report_aggregator.readers.sarif_tally import Tally
from security_report_aggregator.severity import WORDS, by_word

UNJUDGED = frozenset({"open", "review"})
"""Kinds of results that somebody has yet to judge: findings without a severity."""

BLANKET = frozenset({"ruff"})
"""Linters that write the level `error` whatever the rule: that is no severity."""

DEFAULT_LEVEL = "warning"
"""SARIF's level of a result when neither it nor its rule says any (3.27.10)."""

_WORDS = {**WORDS, "recommendation": Level.LOW}
_WORD = "have a security-severity that is no number from 0 to 10"


@dataclass(slots=True)
class Profile:
    """A rule as the results of one run use it. `note` tells what is wrong with how they refer to it.

    `has_secrets`: what its results quote may be a secret. `is_unparsed`: its results are files that do not parse.
    `has_blanket_level`: the level of its results says nothing.
    """

    descriptor: Descriptor
    component: Component
    category: Category
    has_secrets: bool
    is_unparsed: bool = False
    has_blanket_level: bool = False
    note: str = ""
    ratings: dict[tuple[str, str], Rated] = field(default_factory=dict)

    @property
    def rule(self) -> Rule:
        return self.descriptor.rule


class Profiles:
    """The profiles of one run, each made once. Odd results are counted in `notes`."""

    def __init__(self, head: Head, tool: str, notes: Tally) -> None:
        self._tool, self._driver, self._notes = tool, head.driver.name, notes
        self._rules, self._invocations = head.rules, head.invocations
        self._has_overrides = any(one.get("ruleConfigurationOverrides") for one in self._invocations)
        self._by_reference: dict[tuple[object, ...], Profile] = {}
        self._by_rule: dict[tuple[int, str, tuple[int, ...]], Profile] = {}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that results are of, in the order of their first result."""
        return tuple(dict.fromkeys(one.rule for one in self._by_rule.values()))

    def of(self, result: Object) -> Profile:
        """The profile of a result's rule."""
        rule_id, index = result.get("ruleId"), result.get("ruleIndex")
        properties = result.get("properties")
        cwe = properties.get("cwe") if isinstance(properties, dict) else None
        if isinstance(rule_id, str) and not (cwe or "rule" in result or "taxa" in result):
            key = (rule_id, index if isinstance(index, int) else None)
            profile = self._by_reference.get(key)
            if profile is None:
                profile = self._by_reference[key] = self._made(result, ())
        else:
            profile = self._made(result, numbers_of_cwes(cwe, list(taxa(result.get("taxa")))))
        if profile.note:
            self._notes.add(profile.note, rule_id if isinstance(rule_id, str) else "")
        return profile

    def _made(self, result: Object, cwes: tuple[int, ...]) -> Profile:
        meant = self._rules.meant(result)
        key = (id(meant.component), meant.descriptor.rule.id, cwes)
        profile = self._by_rule.get(key)
        if profile is None:
            profile = self._by_rule[key] = self._profile(meant, cwes)
        return profile if profile.note == meant.note else replace(profile, note=meant.note)

    def _profile(self, meant: Meant, cwes: tuple[int, ...]) -> Profile:
        found, rule = meant.descriptor, meant.descriptor.rule
        if cwes and not rule.cwes:
            rule = replace(rule, cwes=cwes)
        category = category_of(self._tool, self._driver, found)
        if category is Category.SECRET and rule.description == found.full:
            # Trivy's full description is the line that matched.
            rule = replace(rule, description="")
        found = replace(found, rule=rule)
        is_secret, unparsed = is_credential(category, found), is_unparsed(self._tool, found)
        return Profile(found, meant.component, category, is_secret, unparsed, self._tool in BLANKET, meant.note)

    def rated(self, result: Object, profile: Profile) -> Rated:
        """How severe a result is, and what says so."""
        kind = result.get("kind")
        if isinstance(kind, str) and kind in UNJUDGED:
            return Rated(Level.UNKNOWN, kind, "kind of the result: nobody has judged it yet")
        properties = result.get("properties")
        if isinstance(properties, dict) and "security-severity" in properties:
            own = security_severity(properties, "the result")
            if own.score is None:
                self._notes.add(_WORD, text(properties["security-severity"]))
            if own.level is not Level.UNKNOWN:
                return own
        elif profile.descriptor.is_odd_score:
            self._notes.add(_WORD, profile.descriptor.score.said)
        level = text(result.get("level")).strip()
        override = self._override(result, profile) if self._has_overrides else ""
        rated = profile.ratings.get((level, override))
        if rated is None:
            rated = profile.ratings[level, override] = _of_rule(profile, level, override)
        return rated

    def _override(self, result: Object, profile: Profile) -> str:
        index = obj(result.get("provenance")).get("invocationIndex")
        if not isinstance(index, int) or index < 0:
            index = 0 if len(self._invocations) == 1 else len(self._invocations)
        if index >= len(self._invocations):
            return ""
        return self._rules.level_override(self._invocations[index], profile.descriptor)


def _of_rule(profile: Profile, level: str, override: str) -> Rated:
    found = profile.descriptor
    if found.score.score == 0 and profile.category in SCA:
        # Trivy and Grype write 0.0 for what nobody has rated; no published vulnerability scores that.
        return Rated(Level.UNKNOWN, found.score.said, f"{found.score.source}, which is 0 for what nobody has rated")
    if found.score.level is not Level.UNKNOWN:
        return found.score
    if profile.has_blanket_level:
        return Rated(Level.UNKNOWN, level, "level of the result, which this scanner writes alike for every rule")
    for word, source in (
        (level, "level of the result"),
        (override, "level that the invocation sets for the rule"),
        (found.level, "level of the rule"),
        (found.problem, "problem.severity of the rule"),
    ):
        if word:
            return by_word(word, source, words=_WORDS)
    if profile.category is Category.SECRET:
        return UNRATED
    return by_word(DEFAULT_LEVEL, "SARIF's default for results without a level")
