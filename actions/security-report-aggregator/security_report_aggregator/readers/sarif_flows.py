"""The parts of a SARIF result that GitHub shows beside its message: how data flows, and related places."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from security_report_aggregator.readers.fields import NONE, Object, line, obj
from security_report_aggregator.readers.sarif_places import Places

Speak = Callable[[object], str]
"""Says a message (`sarif_messages.spoken` with the tables of its run)."""

Made = Callable[[Mapping[str, Any]], dict[str, Any]]

BUDGET = 32 * 1024 * 1024
"""Characters of JSON that the flows of one document may take."""

_ENCODE = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_PLAIN = re.compile(r"[A-Za-z0-9._/~-]+")
_REGION = ("startLine", "startColumn", "endLine", "endColumn")


class Flows(Mapping[str, Any]):
    """`codeFlows` and `relatedLocations` as SARIF has them, with paths resolved and nothing but what is shown.

    Kept as JSON, a tenth of what the objects take. `made` makes of it what is shown, when somebody asks: few results of
    a large report are ever uploaded. Empty if nothing in them lies in a file.
    """

    __slots__ = ("_json", "_made")

    def __init__(self, parts: Mapping[str, object], made: Made = dict) -> None:
        self._json, self._made = _ENCODE(parts), made

    @property
    def size(self) -> int:
        """Characters of JSON."""
        return len(self._json)

    def __getitem__(self, key: str) -> Any:
        return self._parts()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts())

    def __len__(self) -> int:
        return len(self._parts())

    def __repr__(self) -> str:
        return f"Flows({_ENCODE(self._parts())})"

    def _parts(self) -> dict[str, Any]:
        return self._made(json.loads(self._json))


class Budget:
    """What is left for the flows of a document; once one does not fit, later ones are left out too."""

    def __init__(self, size: int = BUDGET) -> None:
        self._left = size
        self.is_spent = False

    def take(self, size: int) -> bool:
        """Whether `size` characters still fit; they are then taken."""
        self.is_spent = self.is_spent or size > self._left
        if not self.is_spent:
            self._left -= size
        return not self.is_spent


def has_flows(result: Object) -> bool:
    return bool(result.get("relatedLocations") or result.get("codeFlows"))


def flows_of(result: Object, made: Made) -> Flows:
    """The flows of a result, to be shown as `made` makes them."""
    return Flows({key: result[key] for key in ("relatedLocations", "codeFlows") if result.get(key)}, made)


def shown_of(result: Object, places: Places, speak: Speak) -> dict[str, Any]:
    """What is shown of a result's flows; empty if there is nothing in them that lies in a file."""
    parts: dict[str, Any] = {}
    related = [shown for one in _objects(result.get("relatedLocations")) if (shown := _location(one, places, speak))]
    if related:
        parts["relatedLocations"] = related
    flows = [_threads(one, places, speak) for one in _objects(result.get("codeFlows"))]
    if any(flows):
        parts["codeFlows"] = [{"threadFlows": threads} for threads in flows if threads]
    return parts


def _threads(flow: Object, places: Places, speak: Speak) -> list[Object]:
    found: list[Object] = []
    for thread in _objects(flow.get("threadFlows")):
        steps = [_location(obj(one.get("location")), places, speak) for one in _objects(thread.get("locations"))]
        shown = [{"location": step} for step in steps if step]
        if shown:
            found.append({"locations": shown})
    return found


def _location(location: Object, places: Places, speak: Speak) -> Object:
    physical = obj(location.get("physicalLocation"))
    place = places.of(obj(physical.get("artifactLocation")))
    if place is None or not place.is_file:
        return NONE
    region = obj(physical.get("region"))
    numbers = {key: number for key in _REGION if (number := line(region.get(key))) is not None}
    shown: dict[str, object] = {"artifactLocation": {"uri": _uri(place.path)}}
    if "startLine" in numbers:
        shown["region"] = numbers
    found: dict[str, object] = {"physicalLocation": shown}
    identifier = location.get("id")
    if isinstance(identifier, int) and not isinstance(identifier, bool) and identifier >= 0:
        found["id"] = identifier
    said = speak(location.get("message"))
    if said:
        found["message"] = {"text": said}
    return found


def _uri(path: str) -> str:
    """A path as a relative URI reference; a colon would make a scheme of its first part."""
    return path if _PLAIN.fullmatch(path) else quote(path, safe="/~@+,=()!$&'*;", errors="replace")


def _objects(value: object) -> list[Object]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
