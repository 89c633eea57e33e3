"""The tool of a SARIF run and its rules, as GitHub takes them."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from actionkit.untrusted import shortened
from security_report_aggregator.model import Level
from security_report_aggregator.repairs_fields import Fields
from security_report_aggregator.sarif_limits import KEPT_TAGS, MAX_EXTENSIONS, MAX_TAGS, NAME_LENGTH, TEXT_LENGTH
from security_report_aggregator.sarif_repairs import Repairs
from security_report_aggregator.sarif_rules_out import SCORES
from security_report_aggregator.sarif_text import web_address
from security_report_aggregator.severity import by_word

UNNAMED_TOOL = "unknown"

NO_NAME = f"scanners without a name are called `{UNNAMED_TOOL}`"
NO_ID = "rules without an id are left out"
TWICE = "rules that stand twice are kept once"
NO_TEXT = "texts without their plain form are left out, or get it from the Markdown form"
LENGTHS = f"names over {NAME_LENGTH} and descriptions over {TEXT_LENGTH:,} characters are cut"
ADDRESSES = "addresses of help that are no web addresses are left out"
LEVELS = "levels that SARIF does not know are translated or left out"
SCORE_WORDS = "`security-severity` that is a word is written as the number of its band"
SCORE_TEXT = "`security-severity` is written as the text of a number"
SCORE_WRONG = "`security-severity` that is no number from 0 to 10 is left out"
TAGS = f"tags are cut to the {KEPT_TAGS} that GitHub keeps of a rule; it refuses more than {MAX_TAGS}"
TAGS_TEXT = "tags that are no text are left out"
TAGS_TWICE = "tags that stand twice are kept once"
GUIDS = "GUIDs that are none are left out"
EXTENSIONS = f"rules of extensions beyond the {MAX_EXTENSIONS} that GitHub takes move to the driver"
EXTENSIONS_TWICE = "extensions of one name and version are made one"

_GUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}")
_NUMBER = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?)")
_LEVELS = frozenset({"none", "note", "warning", "error"})
_WORDS = {Level.CRITICAL: "error", Level.HIGH: "error", Level.MEDIUM: "warning", Level.LOW: "note"}

Object = dict[str, object]


class RulePlace(NamedTuple):
    """Where a rule is in the repaired run: `extension` is None for the driver's. `severity` is what results rank by."""

    extension: int | None
    at: int
    id: str
    severity: float


class Tool(NamedTuple):
    """A repaired tool, and where its rules went: by component (None for the driver) and index as they were."""

    tool: Object
    name: str
    rules: dict[tuple[int | None, int], RulePlace]


class _Component:
    """A repaired toolComponent that rules are added to, each id once."""

    def __init__(self, made: Object, extension: int | None) -> None:
        self.made, self._extension = made, extension
        self._rules: list[Object] = []
        self._places: dict[object, int] = {}
        made["rules"] = self._rules

    def add(self, rules: list[tuple[int, Object]], repairs: Repairs, where: str) -> Iterator[tuple[int, RulePlace]]:
        """Add rules; gives for the place that each had the one it has now."""
        for old, rule in rules:
            at = self._places.setdefault(rule["id"], len(self._rules))
            if at == len(self._rules):
                self._rules.append(rule)
            else:
                repairs.add(TWICE, f"{where}.rules[{old}]: {rule['id']}")
            yield old, RulePlace(self._extension, at, str(rule["id"]), _severity_of(self._rules[at]))


def tool(fields: Fields) -> Tool:
    """The tool of a run; a name and ids for all that GitHub wants them of."""
    repairs, driver_fields = fields.repairs, fields.part("driver")
    made, rules = _component(driver_fields)
    if not made["name"]:
        repairs.add(NO_NAME, driver_fields.where)
        made["name"] = UNNAMED_TOOL
    driver = _Component(made, None)
    moved: dict[tuple[int | None, int], RulePlace] = {}
    moved |= {(None, old): place for old, place in driver.add(rules, repairs, driver_fields.where)}
    extensions: dict[bytes, _Component] = {}
    for at, extension in fields.parts("extensions"):
        described, rules = _component(extension)
        described["name"] = described["name"] or UNNAMED_TOOL
        key = json.dumps(described).encode()
        home = extensions.get(key, driver)
        if key in extensions:
            repairs.add(EXTENSIONS_TWICE, extension.where)
        elif len(extensions) < MAX_EXTENSIONS:
            home = extensions[key] = _Component(described, len(extensions))
        else:
            repairs.add(EXTENSIONS, extension.where)
        moved |= {(at, old): place for old, place in home.add(rules, repairs, extension.where)}
    fields.end()
    whole: Object = {"driver": driver.made}
    if extensions:
        whole["extensions"] = [one.made for one in extensions.values()]
    return Tool(whole, str(made["name"]), moved)


def without_help(found: Tool) -> Tool:
    """The same tool, its rules without their help."""
    return found._replace(tool=_mapped(found.tool, lambda _, __, rule: _without(rule, "help")))


def only(found: Tool, used: Collection[tuple[int | None, int]]) -> Tool:
    """The same tool with those of its rules only, by component and index."""
    now: dict[tuple[int | None, int], int] = {}
    counts: Counter[int | None] = Counter()
    for home in sorted(used, key=lambda one: (one[0] is not None, one)):
        now[home] = counts[home[0]]
        counts[home[0]] += 1
    kept = _mapped(found.tool, lambda extension, at, rule: rule if (extension, at) in now else None)
    places = {
        old: place._replace(at=now[place.extension, place.at])
        for old, place in found.rules.items()
        if (place.extension, place.at) in now
    }
    return Tool(kept, found.name, places)


def rules_count(found: Tool) -> int:
    """How many rules a tool has, its extensions' included."""
    components = [found.tool["driver"], *_components(found.tool.get("extensions"))]
    return sum(len(_components(one["rules"])) for one in _components(components))


def _without(rule: Object, key: str) -> Object:
    return {name: value for name, value in rule.items() if name != key}


def _mapped(made: Object, change: Callable[[int | None, int, Object], Object | None]) -> Object:
    """A repaired tool with every rule changed; None leaves it out."""
    extensions = _components(made.get("extensions"))
    mapped: Object = {"driver": _changed(_components([made["driver"]])[0], None, change)}
    if extensions:
        mapped["extensions"] = [_changed(one, at, change) for at, one in enumerate(extensions)]
    return mapped


def _components(value: object) -> list[Object]:
    return value if isinstance(value, list) else []


def _changed(
    component: Object, extension: int | None, change: Callable[[int | None, int, Object], Object | None]
) -> Object:
    rules = _components(component["rules"])
    return {**component, "rules": [new for at, rule in enumerate(rules) if (new := change(extension, at, rule))]}


def _component(fields: Fields) -> tuple[Object, list[tuple[int, Object]]]:
    """A toolComponent without its rules, and those with the places they had."""
    name = fields.text("name").strip()
    if len(name) > NAME_LENGTH:
        fields.repairs.add(LENGTHS, fields.where)
    made: Object = {"name": shortened(name, NAME_LENGTH)}
    for key in ("version", "semanticVersion"):
        said = fields.text(key)
        if said:
            made[key] = said
    guid = fields.text("guid")
    if _GUID.fullmatch(guid):
        made["guid"] = guid
    elif guid:
        fields.repairs.add(GUIDS, fields.where)
    # The texts of messages are written into the results.
    fields.part("globalMessageStrings")
    rules = [(at, rule) for at, one in fields.parts("rules") if (rule := _rule(one))]
    fields.end()
    for at, rule in rules:
        if not rule["id"]:
            fields.repairs.add(NO_ID, f"{fields.where}.rules[{at}]")
    return made, [(at, rule) for at, rule in rules if rule["id"]]


def _severity_of(rule: Object) -> float:
    """The `security-severity` of a repaired rule, 0 where it has none."""
    properties = rule.get("properties")
    score = properties.get("security-severity") if isinstance(properties, dict) else None
    return float(score) if isinstance(score, str) else 0.0


def _rule(fields: Fields) -> Object:
    """A reportingDescriptor as GitHub reads it; its id is "" where it has none."""
    name = fields.text("name")
    made: Object = {"id": fields.text("id").strip() or name.strip()}
    if name:
        made["name"] = _short(fields, name, NAME_LENGTH)
    for key in ("shortDescription", "fullDescription"):
        described = _described(fields.part(key))
        if described:
            made[key] = {"text": _short(fields, described["text"], TEXT_LENGTH)}
    level = _level(fields.part("defaultConfiguration"))
    if level:
        made["defaultConfiguration"] = {"level": level}
    helps = _described(fields.part("help"), with_markdown=True)
    if helps:
        made["help"] = helps
    address = fields.text("helpUri")
    if web_address(address):
        made["helpUri"] = web_address(address)
    if made.get("helpUri", "") != address:
        fields.repairs.add(ADDRESSES, fields.where)
    properties = _properties(fields.part("properties"))
    if properties:
        made["properties"] = properties
    fields.part("messageStrings")
    fields.end()
    return made


def _short(fields: Fields, said: str, limit: int) -> str:
    if len(said) > limit:
        fields.repairs.add(LENGTHS, fields.where)
    return shortened(said, limit)


def _described(fields: Fields, *, with_markdown: bool = False) -> dict[str, str]:
    """A multiformatMessageString; its Markdown form is shown for help only. Empty where it says nothing."""
    said = fields.text("text")
    markdown = fields.text("markdown") if with_markdown or not said else ""
    fields.end()
    if not said and fields.given:
        fields.repairs.add(NO_TEXT, fields.where)
    if not said and not markdown:
        return {}
    return {"text": said or markdown} | ({"markdown": markdown} if markdown and with_markdown else {})


def _level(fields: Fields) -> str:
    found = level(fields)
    fields.end()
    return found


def level(fields: Fields) -> str:
    """The member `level`: one of SARIF's words, a scanner's word in SARIF's terms, or "" for what nobody knows."""
    said = fields.text("level")
    if not said or said in _LEVELS:
        return said
    fields.repairs.add(LEVELS, f"{fields.where}.level: {said}")
    plain = said.strip().lower()
    return plain if plain in _LEVELS else _WORDS.get(by_word(plain, "level").level, "")


def _properties(fields: Fields) -> Object:
    """Of a rule's property bag what GitHub reads."""
    made: Object = {}
    tags = _tags(fields)
    if tags:
        made["tags"] = tags
    for key in ("precision", "problem.severity"):
        said = fields.text(key)
        if said:
            made[key] = said
    score = _score(fields)
    if score:
        made["security-severity"] = score
    fields.end()
    return made


def _tags(fields: Fields) -> list[str]:
    listed = fields.elements("tags")
    given = [fields.clean(one, "tags") for one in listed if isinstance(one, str)]
    if len(given) < len(listed):
        fields.repairs.add(TAGS_TEXT, fields.where)
    tags = list(dict.fromkeys(given))
    if len(tags) < len(given):
        fields.repairs.add(TAGS_TWICE, fields.where)
    if len(tags) <= MAX_TAGS:
        return tags
    fields.repairs.add(TAGS, fields.where)
    # What makes an alert one of security, and its CWEs, are worth more than the rest.
    return sorted(tags, key=lambda tag: tag != "security" and not tag.startswith("external/cwe/"))[:KEPT_TAGS]


def _score(fields: Fields) -> str:
    """`security-severity` as the text of a number from 0 to 10; "" for anything else."""
    given = fields.value("security-severity")
    if given is None:
        return ""
    if isinstance(given, str) and _NUMBER.fullmatch(given) and float(given) <= 10:
        return given
    number = _number(given)
    if number is not None and 0 <= number <= 10:
        fields.repairs.add(SCORE_TEXT, f"{fields.where}: {given}")
        return f"{number:.1f}"
    band = SCORES.get(by_word(given, "").level)
    if band is not None:
        fields.repairs.add(SCORE_WORDS, f"{fields.where}: {given}")
        return f"{band:.1f}"
    fields.repairs.add(SCORE_WRONG, f"{fields.where}: {given}")
    return ""


def _number(given: object) -> float | None:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return None
    try:
        number = float(given)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
