"""The rules of a SARIF run: what they say, and which one a result means (SARIF 2.1.0, 3.19, 3.27.5-7, 3.49, 3.52)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from security_report_aggregator.model import UNRATED, Level, Rated, Rule
from security_report_aggregator.readers.fields import Object, numbers_of_cwes, obj, text, texts
from security_report_aggregator.readers.sarif_advice import NO_ADVICE, Advice, advice_in
from security_report_aggregator.readers.sarif_messages import Strings, formatted, strings
from security_report_aggregator.severity import by_score, by_word

UNNAMED = "unnamed"
"""The id of the rule of results that name none."""

_WEB = re.compile(r"https?://[^\s<>\"]{1,2000}")
_TAGS = 50


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A reportingDescriptor. `level`, `problem` and `precision` are "" and `score` is unrated where it gives none.

    `score` is its `security-severity`. `other_ids` are deprecated ids and targets of relationships. `advice` is what
    its help says of packages. `is_odd_score` is set for a `security-severity` that is no number.
    """

    rule: Rule
    level: str = ""
    problem: str = ""
    precision: str = ""
    score: Rated = UNRATED
    other_ids: tuple[str, ...] = ()
    purls: tuple[str, ...] = ()
    full: str = ""
    advice: Advice = NO_ADVICE
    guid: str = ""
    messages: Strings = field(default_factory=dict)
    is_odd_score: bool = False


def descriptor(value: object) -> Descriptor:
    """One element of `rules`; one that is no object keeps its place in the list."""
    found = obj(value)
    properties = obj(found.get("properties"))
    tags = texts(properties.get("tags"))[:_TAGS]
    targets = tuple(_targets(found.get("relationships")))
    full, short = formatted(found.get("fullDescription")), formatted(found.get("shortDescription"))
    helps, score = obj(found.get("help")), security_severity(properties, "the rule")
    rule = Rule(
        id=text(found.get("id")).strip() or UNNAMED,
        name=text(found.get("name")).strip(),
        description=short or full,
        help_uri=web(found.get("helpUri")),
        cwes=numbers_of_cwes(list(tags), properties.get("cwe"), [one for one in targets if one.startswith("CWE")]),
        tags=tags,
    )
    return Descriptor(
        rule,
        level=text(obj(found.get("defaultConfiguration")).get("level")).strip(),
        problem=text(properties.get("problem.severity")).strip(),
        precision=text(properties.get("precision")),
        score=score,
        other_ids=(*texts(found.get("deprecatedIds")), *targets)[:_TAGS],
        purls=texts(properties.get("purls"))[:1] or texts(properties.get("purl"))[:1],
        full=full,
        advice=advice_in(helps.get("text")) or advice_in(helps.get("markdown")) or NO_ADVICE,
        guid=text(found.get("guid")),
        messages=strings(found.get("messageStrings")),
        is_odd_score="security-severity" in properties and score.score is None,
    )


def security_severity(properties: Object, whose: str) -> Rated:
    """`security-severity`: a number from 0 to 10, mostly as text. Some tools write a word; that has no score."""
    said = properties.get("security-severity")
    if said is None:
        return UNRATED
    rated = by_score(said, f"security-severity of {whose}")
    return rated if rated.level is not Level.UNKNOWN else by_word(said, f"security-severity of {whose}, a word")


def web(value: object) -> str:
    """A web address, "" for anything else."""
    found = text(value).strip()
    return found if _WEB.fullmatch(found) else ""


def taxa(value: object) -> Iterator[str]:
    """The ids of references to taxonomies; the numbers of CWE's with their prefix."""
    for reference in value if isinstance(value, list) else []:
        target = obj(reference)
        found = text(target.get("id"))
        is_cwe = text(obj(target.get("toolComponent")).get("name")).upper() == "CWE"
        if found:
            yield f"CWE-{found}" if is_cwe and found.isdigit() else found


def _targets(relationships: object) -> Iterator[str]:
    if isinstance(relationships, list):
        yield from taxa([obj(one).get("target") for one in islice(relationships, _TAGS)])


class Component:
    """A toolComponent: the driver or an extension, filled while it is read."""

    def __init__(self) -> None:
        self.name = self.full_name = self.version = self.guid = ""
        self.strings: Strings = {}
        self.rules: list[Descriptor] = []
        self.by_id: dict[str, Descriptor] = {}
        self.has_bad_rules = False

    def take(self, key: str, value: object) -> None:
        """One member of the object, other than the elements of `rules`."""
        if key == "name":
            self.name = text(value).strip()
        elif key == "fullName":
            self.full_name = text(value).strip()
        elif key == "semanticVersion" and text(value):
            self.version = text(value).strip()
        elif key == "version":
            self.version = self.version or text(value).strip()
        elif key == "guid":
            self.guid = text(value)
        elif key == "globalMessageStrings":
            self.strings = strings(value)
        elif key == "rules":
            self.has_bad_rules = value is not None

    def add(self, rule: object) -> None:
        """The next element of `rules`."""
        found = descriptor(rule)
        self.rules.append(found)
        self.by_id.setdefault(found.rule.id, found)

    def named(self, rule_id: str) -> Descriptor | None:
        """The rule of an id, or of the longest id above it: `CA1000/1` is part of `CA1000`."""
        while rule_id:
            if rule_id in self.by_id:
                return self.by_id[rule_id]
            rule_id = rule_id.rpartition("/")[0]
        return None


class Meant(NamedTuple):
    """The rule that a result means. `note` tells what was wrong with the reference, "" if nothing."""

    descriptor: Descriptor
    component: Component
    note: str = ""


class Rules:
    """Finds rules in the driver and in the extensions of a run."""

    def __init__(self, driver: Component, extensions: Mapping[int, Component]) -> None:
        self._driver, self._extensions = driver, extensions

    def meant(self, result: Object) -> Meant:
        """The rule by `ruleIndex` or `rule`, if its id agrees, else by id; one that is nowhere described has its id."""
        reference = obj(result.get("rule"))
        rule_id = (text(result.get("ruleId")) or text(reference.get("id"))).strip()
        index = result.get("ruleIndex")
        if _index(index) is None:
            index = reference.get("index")
        component = self._component(obj(reference.get("toolComponent")))
        at, note = _index(index), ""
        if at is not None:
            if at < len(component.rules):
                found = component.rules[at]
                if not rule_id or _is_of(rule_id, found.rule.id):
                    return Meant(found, component)
                note = "name another rule than their ruleIndex does; the name counts"
            else:
                note = "have a ruleIndex without a rule; their ruleId counts"
        return self._by_id(rule_id, text(reference.get("guid")), component, note)

    def _by_id(self, rule_id: str, guid: str, component: Component, note: str) -> Meant:
        for candidate in (component, self._driver, *self._extensions.values()):
            found = candidate.named(rule_id)
            if found is None and guid and not rule_id:
                found = next((one for one in candidate.rules if one.guid == guid), None)
            if found is not None:
                return Meant(found, candidate, note)
        if not rule_id:
            return Meant(Descriptor(Rule(UNNAMED)), component, "name no rule")
        return Meant(Descriptor(Rule(rule_id)), component, note)

    def _component(self, reference: Object) -> Component:
        index = _index(reference.get("index"))
        if index is not None and index in self._extensions:
            return self._extensions[index]
        name, guid = text(reference.get("name")), text(reference.get("guid"))
        for extension in self._extensions.values():
            if (guid and extension.guid == guid) or (name and extension.name == name):
                return extension
        return self._driver

    def level_override(self, invocation: Object, meant: Descriptor) -> str:
        """The level that an invocation sets for a rule (`ruleConfigurationOverrides`), "" if none."""
        overrides = invocation.get("ruleConfigurationOverrides")
        for override in overrides if isinstance(overrides, list) else []:
            one = obj(override)
            level = text(obj(one.get("configuration")).get("level")).strip()
            reference = obj(one.get("descriptor"))
            if level and reference and self.meant({"rule": reference}).descriptor.rule.id == meant.rule.id:
                return level
        return ""


def _index(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _is_of(rule_id: str, descriptor_id: str) -> bool:
    return rule_id == descriptor_id or rule_id.startswith(f"{descriptor_id}/") or descriptor_id == UNNAMED
