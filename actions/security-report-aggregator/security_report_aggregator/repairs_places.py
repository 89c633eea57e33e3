"""Where SARIF results lie, as GitHub takes it: relative URIs of files, lines and columns from 1."""

from __future__ import annotations

import re
from collections.abc import Sequence

from security_report_aggregator.readers.fields import line
from security_report_aggregator.readers.sarif_places import Places
from security_report_aggregator.repairs_fields import Fields
from security_report_aggregator.sarif_limits import KEPT_LOCATIONS, MAX_LOCATIONS
from security_report_aggregator.sarif_text import file_uri

NOWHERE = "unknown-place"
"""The file of results that name none: no repository has it, and GitHub takes no result without a file."""
OUTSIDE = "outside-of-repository"

URIS = "URIs are written as percent-encoded paths from the root of the repository"
NO_FILES = "places that are no files of the repository keep their address in the form of a path"
NO_PLACE = f"results without a place get `{NOWHERE}`: one of them makes GitHub refuse the file"
LOST = "locations without a file are left out beside others that have one"
REGIONS = "lines and columns that are none, or in no order, are mended"
NO_LINE = "results without a line point at line 1"
TOO_MANY = f"locations are cut to the {KEPT_LOCATIONS} that GitHub keeps of a result; it refuses {MAX_LOCATIONS:,}"

_REGION = ("startLine", "startColumn", "endLine", "endColumn")
_UP = re.compile(r"\.{1,2}")


def locations(fields: Fields, places: Places) -> list[dict[str, object]]:
    """The locations of a result: one at least, since GitHub shows the first and takes no result without."""
    found = [location for _, location in fields.parts("locations")]
    made = [one for location in found[:MAX_LOCATIONS] if (one := _location(location, places))]
    if not made:
        fields.repairs.add(NO_PLACE, fields.where)
        return [_at(NOWHERE, {"startLine": 1})]
    if len(made) < len(found[:MAX_LOCATIONS]):
        fields.repairs.add(LOST, fields.where, len(found[:MAX_LOCATIONS]) - len(made))
    if len(found) > MAX_LOCATIONS:
        fields.repairs.add(TOO_MANY, fields.where)
        return made[:KEPT_LOCATIONS]
    return made


def _location(location: Fields, places: Places) -> dict[str, object] | None:
    physical = location.part("physicalLocation")
    uri = _uri(physical.part("artifactLocation"), places)
    if not uri:
        return None
    region = _region(physical.part("region"))
    physical.end()
    location.end()
    return _at(uri, region)


def _at(uri: str, region: dict[str, int]) -> dict[str, object]:
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}


def _uri(artifact: Fields, places: Places) -> str:
    """A relative URI that no parser refuses; "" for an artifactLocation that says nothing."""
    given = artifact.text("uri")
    artifact.text("uriBaseId")
    artifact.whole("index")
    artifact.end()
    place = places.of(artifact.given)
    if place is None:
        return ""
    uri = (file_uri(place.path) if place.is_file else "") or _made_up(place.path)
    if not place.is_file:
        artifact.repairs.add(NO_FILES, f"{artifact.where}.uri: {place.path}")
    elif uri != given:
        artifact.repairs.add(URIS, f"{artifact.where}.uri: {given}")
    return uri


def _made_up(path: str) -> str:
    """A path for what is no file of the repository: a URL, an image, a file elsewhere on the machine."""
    uri = file_uri(path)
    if uri:
        return uri
    parts: Sequence[str] = [part for part in path.replace("\\", "/").split("/") if part and not _UP.fullmatch(part)]
    return file_uri("/".join((OUTSIDE, *parts))) if parts else NOWHERE


def _region(region: Fields) -> dict[str, int]:
    """Lines and columns from 1 in order."""
    said = {key: region.given[key] for key in _REGION if region.value(key) is not None}
    region.end()
    numbers = {key: number for key, value in said.items() if (number := line(value)) is not None}
    start = numbers.get("startLine")
    if start is None:
        region.repairs.add(NO_LINE, region.where)
        return {"startLine": 1}
    end = numbers.get("endLine", start)
    if end < start:
        numbers.pop("endLine")
        numbers.pop("endColumn", None)
    elif end == start and numbers.get("endColumn", start) < numbers.get("startColumn", 1):
        numbers.pop("endColumn", None)
    # By type too: 3.0 is equal to 3, and GitHub refuses it.
    if [(key, type(one), one) for key, one in said.items()] != [(key, int, one) for key, one in numbers.items()]:
        region.repairs.add(REGIONS, region.where)
    return numbers
