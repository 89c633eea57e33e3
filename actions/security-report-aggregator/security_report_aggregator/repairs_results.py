"""The results of a SARIF run, as GitHub takes them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from security_report_aggregator import sarif_flow_limit
from security_report_aggregator.readers.sarif_flows import has_flows, shown_of
from security_report_aggregator.readers.sarif_messages import spoken
from security_report_aggregator.readers.sarif_results import NO_FAILURES
from security_report_aggregator.readers.sarif_rules import UNNAMED, Meant
from security_report_aggregator.readers.sarif_run import Head
from security_report_aggregator.repairs_fields import Fields
from security_report_aggregator.repairs_places import locations
from security_report_aggregator.repairs_rules import Object, RulePlace, Tool, level
from security_report_aggregator.sarif_limits import (
    KEPT_FLOW_LOCATIONS,
    KEPT_LOCATIONS,
    MAX_FLOW_LOCATIONS,
    MAX_LOCATIONS,
)
from security_report_aggregator.sarif_repairs import Repairs

NOT_FAILED = "results that are no failures, or are gone, are left out: GitHub would show them as alerts"
SUPPRESSED = "suppressed results are left out: GitHub ignores suppressions"
KINDS = "kinds of results that SARIF does not know are left out"
NO_RULE = f"results that name no rule get the rule id `{UNNAMED}`"
RULE_IDS = "results that name their rule by its place only get its id"
REFERENCES = "references to rules that are not there, or are others, are left out or mended"
MESSAGES = "messages that are an id or hold placeholders are written out"
NO_MESSAGE = "results without a message get their rule's text"
FLOWS = "related places and data flows are written anew from what GitHub reads of them"
FLOWS_CUT = f"data flows are cut to {KEPT_FLOW_LOCATIONS:,} places; GitHub refuses more than {MAX_FLOW_LOCATIONS:,}"
RELATED_TWICE = "related places that stand twice are kept once"
RELATED_CUT = f"related places are cut to {KEPT_LOCATIONS}; GitHub refuses more than {MAX_LOCATIONS:,}"

_KINDS = frozenset({"fail", "open", "review"})
_LEVELS = {"error": 3, "warning": 2, "note": 1, "none": 0}
_SURROGATE = re.compile("[\ud800-\udfff]")


class Results:
    """Repairs the results of one run, one by one. `with_flows` False leaves data flows and related places out."""

    def __init__(self, head: Head, tool: Tool, repairs: Repairs, *, with_flows: bool) -> None:
        self._rules, self._places = head.rules, head.places
        self._strings = head.driver.strings
        self._repairs, self._with_flows = repairs, with_flows
        self._of: dict[int, RulePlace] = {}
        self._by_id: dict[str, RulePlace] = {}
        for component, found in ((None, head.driver), *head.extensions.items()):
            for at, descriptor in enumerate(found.rules):
                if (component, at) in tool.rules:
                    place = self._of[id(descriptor)] = tool.rules[component, at]
                    self._by_id.setdefault(place.id, place)

    def place(self, raw: Mapping[str, object]) -> RulePlace | None:
        """Where the rule of a result is; None for one that is not described."""
        reference = raw.get("rule")
        named = _word(raw.get("ruleId")) or _word(reference.get("id") if isinstance(reference, dict) else None)
        place = self._of.get(id(self._rules.meant(raw).descriptor))
        if not named or (place is not None and f"{named}/".startswith(f"{place.id}/")):
            return place
        # The rule at that place had no id, or got another one.
        while named and named not in self._by_id:
            named = named.rpartition("/")[0]
        return self._by_id.get(named)

    def rank(self, raw: Object) -> float:
        """How severe a result is: `security-severity` first, then the level."""
        place = self.place(raw)
        said = raw.get("level")
        return (place.severity if place else 0.0) * 10 + _LEVELS.get(said if isinstance(said, str) else "", 2)

    def repaired(self, raw: Object, where: str) -> Object | None:
        """A result as GitHub takes it; None for one that is no alert."""
        fields = Fields(raw, where, self._repairs)
        kind = fields.text("kind")
        if _is_no_failure(kind, fields.value("baselineState")):
            self._repairs.add(NOT_FAILED, where)
            return None
        if _is_suppressed(fields.elements("suppressions")):
            self._repairs.add(SUPPRESSED, where)
            return None
        meant = self._rules.meant(raw)
        made = self._reference(fields, meant)
        severity = level(fields)
        if severity:
            made["level"] = severity
        if kind in _KINDS:
            made["kind"] = kind
        elif kind:
            self._repairs.add(KINDS, f"{where}.kind: {kind}")
        made["message"] = {"text": self._message(fields, meant)}
        made["locations"] = locations(fields, self._places)
        prints = {name: text for name, text in fields.texts("partialFingerprints").items() if text}
        if prints:
            made["partialFingerprints"] = prints
        made |= self._flows(fields, meant)
        fields.end()
        return made

    def _message(self, fields: Fields, meant: Meant) -> str:
        """The text of a result: its own, written out; else its rule's."""
        message = fields.part("message")
        said, arguments = message.text("text"), message.elements("arguments")
        named = message.text("id")
        message.end()
        if said.strip() and not arguments:
            return said
        found = self._spoken(message.given, meant)
        if found.strip():
            if found != said or named:
                self._repairs.add(MESSAGES, fields.where)
            return found
        self._repairs.add(NO_MESSAGE, fields.where)
        rule = meant.descriptor.rule
        return _plain(rule.description or rule.name or rule.id)

    def _spoken(self, message: object, meant: Meant) -> str:
        """A message with its id looked up as SARIF says (2.1.0, 3.11.7), then in the driver."""
        return _plain(spoken(message, meant.descriptor.messages, meant.component.strings, self._strings))

    def _reference(self, fields: Fields, meant: Meant) -> Object:
        """The rule by id, and by its place if it is described."""
        given_index = fields.whole("ruleIndex")
        reference = fields.part("rule")
        named = (fields.text("ruleId") or reference.text("id")).strip()
        index = given_index if given_index is not None else reference.whole("index")
        reference.text("guid")
        component = reference.part("toolComponent")
        for key in ("name", "guid"):
            component.text(key)
        component.whole("index")
        component.end()
        reference.end()
        place = self.place(fields.given)
        if not named:
            self._repairs.add(RULE_IDS if place else NO_RULE, fields.where)
        made: Object = {"ruleId": named or (place.id if place else UNNAMED)}
        if index is not None and (meant.note or place != self._of.get(id(meant.descriptor))):
            self._repairs.add(REFERENCES, fields.where)
        if place is not None and (index is not None or place.extension is not None):
            if place.extension is None:
                made["ruleIndex"] = place.at
            else:
                made["rule"] = {"index": place.at, "toolComponent": {"index": place.extension}}
        return made

    def _flows(self, fields: Fields, meant: Meant) -> Object:
        given = {key: fields.value(key) for key in ("relatedLocations", "codeFlows")}
        raw: Mapping[str, Any] = {key: value for key, value in given.items() if value not in (None, [])}
        if not raw or not self._with_flows:
            return {}
        made: Object = {}
        if has_flows(raw):
            made = shown_of(raw, self._places, lambda message: self._spoken(message, meant))
        if made != raw:
            self._repairs.add(FLOWS, fields.where)
        return self._cut(made, fields.where)

    def _cut(self, made: Object, where: str) -> Object:
        """The flows within what GitHub takes, each related place once."""
        given = _list(made.pop("relatedLocations", None))
        related = list({encoded(one): one for one in given}.values())
        if len(related) < len(given):
            self._repairs.add(RELATED_TWICE, where)
        if len(related) > MAX_LOCATIONS:
            self._repairs.add(RELATED_CUT, where)
            del related[KEPT_LOCATIONS:]
        flows = _list(made.pop("codeFlows", None))
        threads = [thread for flow in flows for thread in flow["threadFlows"]]
        if sum(len(thread["locations"]) for thread in threads) > MAX_FLOW_LOCATIONS:
            self._repairs.add(FLOWS_CUT, where)
            flows = sarif_flow_limit.cut(flows)
        return ({"relatedLocations": related} if related else {}) | ({"codeFlows": flows} if flows else {})


def is_alert(raw: Object) -> bool:
    """Whether a result is left in: it is a failure, is still there, and nobody suppressed it."""
    suppressions = raw.get("suppressions")
    return not (
        _is_no_failure(raw.get("kind"), raw.get("baselineState"))
        or (isinstance(suppressions, list) and _is_suppressed(suppressions))
    )


def _is_no_failure(kind: object, state: object) -> bool:
    return (isinstance(kind, str) and kind in NO_FAILURES) or state == "absent"


def _is_suppressed(suppressions: list[object]) -> bool:
    """Whether all of them count: one that is under review or was rejected sets nothing aside (SARIF 2.1.0, 3.27.23).

    `state` is how drafts called `status`; without either a suppression is accepted.
    """
    statuses = [
        (one.get("status") or one.get("state") or "accepted") if isinstance(one, dict) else "" for one in suppressions
    ]
    return bool(statuses) and all(status == "accepted" for status in statuses)


def _word(value: object) -> str:
    """An id, also one that is written as a number; "" for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value).strip() if isinstance(value, str) or is_number else ""


def _plain(text: str) -> str:
    return _SURROGATE.sub("\ufffd", text)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def encoded(made: Object) -> bytes:
    """A repaired part as it is written."""
    return _ENCODE(made).encode()


_ENCODE = json.JSONEncoder(separators=(",", ":"), check_circular=False, allow_nan=False).encode
