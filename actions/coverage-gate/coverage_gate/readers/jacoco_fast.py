"""The fast lane for JaCoCo: the one shape that JaCoCo itself writes.

`scan` gives exactly what the XML parser would give, or None. See `xml_fast` for why that holds.
"""

from __future__ import annotations

import re

from actionkit.xmldoc import Malformed
from coverage_gate.model import Counts
from coverage_gate.readers.jacoco import Findings, branches_of
from coverage_gate.readers.xml_fast import (
    ATTRIBUTES,
    DECLARATION,
    SPACE,
    VALUE,
    Declined,
    LineMemory,
    LineRecord,
    attributes_of,
    check_characters,
    is_digits,
    plain,
    stretches,
)

_SYSTEM_ID = rb'"[^"<>&\x00-\x1f]*+"'
_DOCTYPE = (
    rb'(?:<!DOCTYPE[ \t\r\n]++report[ \t\r\n]++PUBLIC[ \t\r\n]++"-//JACOCO//DTD Report 1\.1//EN"[ \t\r\n]++'
    + _SYSTEM_ID + SPACE + rb"(?:\[\])?" + SPACE + rb">)?"
)  # fmt: skip
_HEAD = re.compile(DECLARATION + SPACE + _DOCTYPE + SPACE + rb"<report" + ATTRIBUTES + rb">")
_ITEM = re.compile(SPACE + rb"<(sessioninfo|group|package|class|sourcefile)" + ATTRIBUTES + rb"(/?)>")
_END = re.compile(SPACE + rb"</(report|group|package)>")
_REST = re.compile(SPACE)

_COUNTER = rb'<counter type="([A-Z]++)" missed="([0-9]{1,9})" covered="([0-9]{1,9})" ?/>'
_COUNTERS = rb"(?:" + SPACE + _COUNTER.replace(b"(", b"(?:") + rb")*+"
_SOME_COUNTERS = re.compile(_COUNTERS + SPACE)
_EACH_COUNTER = re.compile(_COUNTER)
_METHOD_END = rb">" + _COUNTERS + SPACE + rb"</method>(" + _COUNTERS + rb")" + SPACE
_USUAL_METHOD = re.compile(rb"name=(" + VALUE + rb") desc=" + VALUE + rb'(?: line="([0-9]{1,7})")?' + _METHOD_END)
_METHOD = re.compile(ATTRIBUTES + _METHOD_END)

_HITS = re.compile(rb' (mi|ci)="[1-9][0-9]{0,8}"')
_USUAL_LINE = re.compile(
    rb'nr="([0-9]{1,7})" mi="[0-9]{1,9}" ci="([0-9]{1,9})" mb="([0-9]{1,6})" cb="([0-9]{1,6})" ?/>' + SPACE
)


def scan(data: bytes) -> Findings | None:
    """What a JaCoCo document of the usual shape says, or None if it is anything else: then parse it."""
    try:
        check_characters(data)
        return _Scan(data).findings()
    except (Declined, Malformed):
        return None


def _record(text: bytes) -> LineRecord:
    usual = _USUAL_LINE.fullmatch(text)
    if usual is None:
        raise Declined
    number, instructions, missed, covered = usual.groups()
    return int(number), int(instructions) > 0, branches_of(int(missed), int(covered))


class _Scan:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._found = Findings()
        self._memory = LineMemory(_record, _HITS, rb' \1="1"')
        self._groups: list[str] = []
        self._package: str | None = None

    def findings(self) -> Findings:
        head = self._expect(_HEAD)
        self._found.title = attributes_of(head[1]).get("name", "")
        while self._items():
            pass
        if self._expect(_REST).end() != len(self._data):
            raise Declined
        return self._found

    def _items(self) -> bool:
        """Take the items up to and with the next end of a group, package or report; False after the report's."""
        while (item := _ITEM.match(self._data, self._at)) is not None:
            self._at = item.end()
            self._item(item[1], attributes_of(item[2]), bool(item[3]))
        counters = self._counters(self._expect(_SOME_COUNTERS)[0])
        return self._leave(self._expect(_END)[1], counters)

    def _item(self, name: bytes, attributes: dict[str, str], is_empty: bool) -> None:
        inside = self._package is not None
        if name == b"class" and inside:
            self._class(attributes, is_empty)
        elif name == b"sourcefile" and inside:
            self._source_file(attributes, is_empty)
        elif name == b"sessioninfo" and is_empty and not inside:
            self._found.dumps.append(attributes.get("dump", ""))
        elif name == b"package" and not is_empty and not inside:
            self._package = attributes.get("name", "")
        elif name == b"group" and not is_empty and not inside:
            self._groups.append(attributes.get("name", ""))
        else:
            raise Declined

    def _leave(self, name: bytes, counters: dict[str, Counts]) -> bool:
        if name == b"package" and self._package is not None:
            self._package = None
        elif name == b"group" and self._groups and self._package is None:
            self._groups.pop()
        elif name == b"report" and not self._groups and self._package is None:
            self._found.counters = counters
            return False
        else:
            raise Declined
        return True

    def _class(self, attributes: dict[str, str], is_empty: bool) -> None:
        methods: list[tuple[str, int]] = []
        counters: dict[str, Counts] = {}
        if not is_empty:
            before, *texts = self._inside(b"</class>").split(b"<method ")
            if _SOME_COUNTERS.fullmatch(before) is None:
                raise Declined
            counters.update(self._counters(before))
            for text in texts:
                name, line, after = _method(text)
                counters.update(self._counters(after))
                if line is not None:
                    methods.append((name, line))
        self._found.class_file(self._package or "", attributes, methods, counters)

    def _source_file(self, attributes: dict[str, str], is_empty: bool) -> None:
        start, end = self._at, self._at
        counters: dict[str, Counts] = {}
        if not is_empty:
            inside = self._inside(b"</sourcefile>")
            lines = inside.find(b"<counter ")
            end = start + (len(inside) if lines < 0 else lines)
            if _SOME_COUNTERS.fullmatch(self._data, end, start + len(inside)) is None:
                raise Declined
            counters = self._counters(inside[end - start :])
        added = list(stretches(self._data, start, end, self._memory))
        name = attributes.get("name")
        if name is None:
            raise Declined
        path = self._found.source_file(tuple(self._groups), self._package or "", name, counters, bool(added))
        for stretch in added:
            self._found.tally.add(path, *stretch)

    def _counters(self, text: bytes) -> dict[str, Counts]:
        return {
            name.decode(): Counts(int(covered), int(missed) + int(covered))
            for name, missed, covered in _EACH_COUNTER.findall(text)
        }

    def _inside(self, end: bytes) -> bytes:
        """What is before the end tag; go on behind that."""
        start, stop = self._at, self._data.find(end, self._at)
        if stop < 0:
            raise Declined
        self._at = stop + len(end)
        return self._data[start:stop]

    def _expect(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        found = pattern.match(self._data, self._at)
        if found is None:
            raise Declined
        self._at = found.end()
        return found


def _method(text: bytes) -> tuple[str, int | None, bytes]:
    """Name, line and what follows of a method, cut behind `<method `."""
    usual = _USUAL_METHOD.fullmatch(text)
    if usual is not None:
        return plain(usual[1][1:-1]), int(usual[2]) if usual[2] else None, usual[3]
    method = _METHOD.fullmatch(b" " + text)
    if method is None:
        raise Declined
    attributes = attributes_of(method[1])
    line = attributes.get("line")
    if line is not None and not is_digits(line, 7):
        raise Declined
    return attributes.get("name", ""), None if line is None else int(line), method[2]
