"""The fast lane for Cobertura: the plain shape that coverage.py, Istanbul, coverlet and their like write.

`scan` gives exactly what the XML parser would give, or None. See `xml_fast` for why that holds.
"""

from __future__ import annotations

import re

from actionkit.xmldoc import Malformed
from coverage_gate.readers.cobertura import Document, branches_of
from coverage_gate.readers.xml_fast import (
    ATTRIBUTES,
    DECLARATION,
    MISC,
    SPACE,
    Declined,
    LineMemory,
    LineRecord,
    attributes_of,
    check_characters,
    comments_in,
    is_digits,
    plain,
    stretches,
)
from coverage_gate.readers.xml_tally import Tally

_SYSTEM_ID = rb"(?:\"[^\"<>&\x00-\x1f]*+\"|'[^'<>&\x00-\x1f]*+')"
_DOCTYPE = rb"(?:<!DOCTYPE[ \t\r\n]++coverage[ \t\r\n]++SYSTEM[ \t\r\n]++" + _SYSTEM_ID + SPACE + rb">)?"
_SOURCES = (
    rb"(?:<sources>((?:" + SPACE + rb"<source>[^<>&\x00-\x1f]*+</source>)*+)" + SPACE + rb"</sources>|<sources/>)?"
)
_HEAD = re.compile(
    DECLARATION + rb"(" + MISC + _DOCTYPE + MISC + rb")<coverage" + ATTRIBUTES + rb">(" + MISC + rb")" + _SOURCES
    + rb"(" + MISC + rb")<packages>"
)  # fmt: skip
_SOURCE = re.compile(rb"<source>(.*?)</source>")
_PACKAGE = re.compile(
    SPACE + rb"<package" + ATTRIBUTES + rb">" + SPACE + rb"(?:<classes>|(<classes ?/>" + SPACE + rb"</package>))"
)
_PACKAGE_END = re.compile(SPACE + rb"</classes>" + SPACE + rb"</package>")
_END = re.compile(SPACE + rb"</packages>" + SPACE + rb"</coverage>" + SPACE)
_CLASS = re.compile(SPACE + rb"<class" + ATTRIBUTES + rb">" + SPACE + rb"(?:<methods ?/>|(<methods>))?" + SPACE)
_METHOD = re.compile(SPACE + rb"<method" + ATTRIBUTES + rb">" + SPACE + rb"(?:(<lines>)|<lines ?/>)")
_METHOD_END = re.compile(SPACE + rb"</method>")
_METHODS_END = re.compile(SPACE + rb"</methods>" + SPACE)
_LINES = re.compile(rb"(?:(<lines>)|<lines ?/>)?")
_CLASS_END = re.compile(SPACE + rb"</class>")

_HITS = re.compile(rb' hits="[1-9][0-9]{0,17}"')
_USUAL_LINE = re.compile(
    rb'number="([0-9]{1,7})" hits="([0-9]{1,18})"(?: branch="(?:[Tt]rue|[Ff]alse)")?'
    rb'(?: condition-coverage="([0-9]{1,3}% \([0-9]{1,6}/[0-9]{1,6}\))"(?: missing-branches="([0-9a-z,]++)")?)?'
    rb" ?/>" + SPACE
)
_CONDITION = rb"<condition" + ATTRIBUTES + rb"/>" + SPACE
_LINE = re.compile(
    ATTRIBUTES + rb"(?:/>|>(?:" + SPACE + rb"<conditions>" + SPACE + rb"((?:" + _CONDITION + rb")*+)</conditions>)?"
    + SPACE + rb"</line>)" + SPACE
)  # fmt: skip
_EACH_CONDITION = re.compile(_CONDITION)


def scan(data: bytes) -> Document | None:
    """What a plain Cobertura document says, or None if it is anything else (malformed, say): then parse it."""
    try:
        check_characters(data)
        return _Scan(data).document()
    except (Declined, Malformed):
        return None


def _record(text: bytes) -> LineRecord:
    usual = _USUAL_LINE.fullmatch(text)
    if usual is not None:
        number, hits, condition, missing = usual.groups()
        if condition is None:
            return int(number), int(hits) > 0, None
        return int(number), int(hits) > 0, branches_of(condition.decode(), (missing or b"").decode())
    # The piece was cut behind the tag's first space, which the pattern for attributes starts with.
    element = _LINE.fullmatch(b" " + text)
    if element is None:
        raise Declined
    for condition in _EACH_CONDITION.finditer(element[2] or b""):
        attributes_of(condition[1])
    attributes = attributes_of(element[1])
    number, hits = attributes.get("number", ""), attributes.get("hits", "")
    if not (is_digits(number, 7) and is_digits(hits, 18)):
        raise Declined
    outcomes = branches_of(attributes.get("condition-coverage"), attributes.get("missing-branches"))
    return int(number), int(hits) > 0, outcomes


class _Scan:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._tally = Tally()
        self._memory = LineMemory(_record, _HITS, b' hits="1"')

    def document(self) -> Document:
        head = self._expect(_HEAD)
        root = attributes_of(head[2])
        comments = comments_in(head[1]) + comments_in(head[3]) + comments_in(head[5])
        sources = tuple(plain(text) for text in _SOURCE.findall(head[4] or b""))
        while (package := _PACKAGE.match(self._data, self._at)) is not None:
            self._at = package.end()
            attributes_of(package[1])
            if package[2] is None:
                self._classes()
        if self._expect(_END).end() != len(self._data):
            raise Declined
        return Document(root, comments, sources, self._tally)

    def _classes(self) -> None:
        while (opened := _CLASS.match(self._data, self._at)) is not None:
            self._at = opened.end()
            path = attributes_of(opened[1]).get("filename")
            if path is None:
                raise Declined
            methods = self._methods() if opened[2] else []
            self._tally.add(path, 0, 0)
            own = [self._span()] if self._expect(_LINES)[1] else []
            if not self._add(path, own):
                self._add(path, methods)
            self._expect(_CLASS_END)
        self._expect(_PACKAGE_END)

    def _methods(self) -> list[tuple[int, int]]:
        """Skip the methods of a class, checked like everything else, and say where their lines are."""
        spans: list[tuple[int, int]] = []
        while (method := _METHOD.match(self._data, self._at)) is not None:
            self._at = method.end()
            attributes_of(method[1])
            if method[2]:
                spans.append(self._span())
                for _ in stretches(self._data, *spans[-1], self._memory):
                    pass
            self._expect(_METHOD_END)
        self._expect(_METHODS_END)
        return spans

    def _span(self) -> tuple[int, int]:
        """Where the content of the `<lines>` just opened is; go on behind its end."""
        start, end = self._at, self._data.find(b"</lines>", self._at)
        if end < 0:
            raise Declined
        self._at = end + len(b"</lines>")
        return start, end

    def _add(self, path: str, spans: list[tuple[int, int]]) -> bool:
        """Add the lines in `spans` to a file; False if there are none."""
        found = False
        for start, end in spans:
            for stretch in stretches(self._data, start, end, self._memory):
                self._tally.add(path, *stretch)
                found = True
        return found

    def _expect(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        found = pattern.match(self._data, self._at)
        if found is None:
            raise Declined
        self._at = found.end()
        return found
