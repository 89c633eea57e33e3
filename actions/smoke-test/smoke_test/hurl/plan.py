"""A Hurl file as a plan of one test: every entry is a step. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from actionkit import values
from actionkit.asserts import Assert, Capture, NotUnderstood, parse_assert, parse_capture
from actionkit.errors import InputError, UsageError
from actionkit.nearest import nearest
from actionkit.web.statuses import Statuses, statuses
from smoke_test import urls
from smoke_test.hurl import bodies, lines
from smoke_test.hurl import options as options_of
from smoke_test.hurl.lines import Line, Reading
from smoke_test.model import Auth, Body, Options, Place, Plan, Send, Step, Test
from smoke_test.plan_steps import default_name

REQUEST_SECTIONS = {
    "QueryStringParams": "params",
    "Query": "params",
    "FormParams": "form",
    "Form": "form",
    "MultipartFormData": "multipart",
    "Multipart": "multipart",
    "Cookies": "cookies",
    "BasicAuth": "auth",
    "Options": "options",
}
RESPONSE_SECTIONS = ("Captures", "Asserts")
VERSIONS = ("1.0", "1.1")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_FILE = re.compile(r"file,(.+);(.*)")


@dataclass(slots=True)
class _Entry:
    """What was read of one entry so far."""

    line: int
    method: str
    url: str
    params: list[tuple[str, str]] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    cookies: list[tuple[str, str]] = field(default_factory=list)
    form: list[tuple[str, str]] = field(default_factory=list)
    multipart: list[tuple[str, str]] = field(default_factory=list)
    auth: Auth | None = None
    options: Options = field(default_factory=Options)
    body: Body | None = None
    media_type: str = ""
    status: Statuses | None = None
    any_status: bool = False
    expected: list[tuple[str, str]] = field(default_factory=list)
    asserts: list[Assert] = field(default_factory=list)
    captures: list[tuple[str, Capture]] = field(default_factory=list)


def read(text: str, path: str) -> Plan:
    """The plan that a Hurl file means. Raises UsageError with everything that is wrong, each with `path:line`."""
    reading = Reading(path, text.removeprefix("\ufeff").splitlines())
    variables: dict[str, Any] = {}
    steps: list[Step] = []
    while line := reading.peek():
        request = lines.request_of(line.text)
        if request is None:
            reading.wrong(line.number, f"{lines.quoted(line.text)} is no request", "Write `GET https://host/path`.")
            reading.take()
            _skip_to_request(reading)
            continue
        entry = _Entry(line.number, *request)
        _request(reading, entry, variables)
        _response(reading, entry)
        steps.append(_step(entry, len(steps) + 1, path))
    if not steps and not reading.complaints:
        reading.wrong(1, "the file holds no request", "Write `GET https://host/path` and `HTTP 200` below it.")
    if reading.complaints:
        raise UsageError(reading.complaints)
    test = Test(name=PurePosixPath(path).stem, steps=tuple(steps))
    return Plan(path=path, variables=variables, tests=(test,))


def _request(reading: Reading, entry: _Entry, variables: dict[str, Any]) -> None:
    reading.take()
    if entry.method not in lines.METHODS:
        guess = nearest(entry.method, lines.METHODS)
        reading.wrong(entry.line, f"{lines.quoted(entry.method)} is no method", f"Write `{guess}`." if guess else "")
    try:
        urls.of_step(entry.url)
    except InputError as error:
        reading.wrong(entry.line, f"{error.wrong}; accepted: {error.accepted}", error.fix)
    _headers(reading, entry.headers)
    while (line := _next(reading)) and (name := lines.section_of(line.text)) and name not in RESPONSE_SECTIONS:
        reading.take()
        if name not in REQUEST_SECTIONS:
            _unknown_section(reading, line, name, [*REQUEST_SECTIONS, *RESPONSE_SECTIONS])
        _section(reading, entry, REQUEST_SECTIONS.get(name, ""), variables)
    if line and bodies.starts(line.text) and not lines.section_of(line.text):
        found = bodies.take(reading)
        entry.body, entry.media_type = found or (None, "")


def _next(reading: Reading) -> Line | None:
    """The next line of this entry; None where the next entry or the end begins."""
    line = reading.peek()
    return None if line is None or lines.request_of(line.text) else line


def _headers(reading: Reading, into: list[tuple[str, str]]) -> None:
    while (line := _next(reading)) and not _begins(line.text):
        reading.take()
        found = lines.pair(line.text)
        if found is None:
            reading.wrong(line.number, f"{lines.quoted(line.text)} is no header", "Write `Name: value`.")
        else:
            into.append(found)


def _begins(text: str) -> bool:
    """Whether a line begins something else than a header."""
    return bool(lines.section_of(text)) or lines.response_of(text) is not None or bodies.starts(text)


def _section(reading: Reading, entry: _Entry, kind: str, variables: dict[str, Any]) -> None:
    while (line := _next(reading)) and not _begins(line.text):
        reading.take()
        found = lines.pair(line.text)
        if found is None:
            reading.wrong(line.number, f"{lines.quoted(line.text)} is no `name: value`")
        elif kind == "options":
            _option(reading, entry, line, found, variables)
        elif kind == "auth":
            entry.auth = Auth("basic", user=found[0], password=found[1])
        elif kind == "multipart":
            entry.multipart.append(_part(reading, line, found))
        elif kind:
            getattr(entry, kind).append(found)


def _option(reading: Reading, entry: _Entry, line: Line, given: tuple[str, str], variables: dict[str, Any]) -> None:
    name, text = given
    if name == "variable":
        variable, equals, value = text.partition("=")
        if not equals or not _NAME.fullmatch(variable.strip()):
            reading.wrong(line.number, f"{lines.quoted(text)} sets no variable", "Write `variable: name=value`.")
        elif variables.setdefault(variable.strip(), options_of.typed(value)) != options_of.typed(value):
            fix = "Use two names, or captures."
            reading.wrong(line.number, f"the variable {variable.strip()} is set to two values", fix)
        return
    try:
        entry.options = options_of.changed(entry.options, name, text)
    except InputError as error:
        reading.wrong(line.number, f"{error.wrong}; accepted: {error.accepted}", error.fix)


def _part(reading: Reading, line: Line, given: tuple[str, str]) -> tuple[str, str]:
    name, text = given
    matched = _FILE.fullmatch(text)
    if matched and matched[2].strip():
        fix = "Leave the type away: it is found by the file's name."
        reading.wrong(line.number, f"the type {lines.quoted(matched[2].strip())} of a part is not supported", fix)
    return (name, f"@{matched[1].strip()}") if matched else (name, text)


def _response(reading: Reading, entry: _Entry) -> None:
    line = _next(reading)
    if line is None:
        return
    response = lines.response_of(line.text)
    if response is None:
        reading.wrong(line.number, f"{lines.quoted(line.text)} is no response", "Write `HTTP 200`.")
        _skip_to_request(reading)
        return
    reading.take()
    _status(reading, entry, line, *response)
    _headers(reading, entry.expected)
    while (line := _next(reading)) and (name := lines.section_of(line.text)):
        reading.take()
        if name not in RESPONSE_SECTIONS:
            _unknown_section(reading, line, name, RESPONSE_SECTIONS)
        _expectations(reading, entry, name)
    if line:
        fix = 'Write what it must be in [Asserts], such as `jsonpath "$.status" == "ok"`.'
        reading.wrong(line.number, "an expected body as it stands is not supported", fix)
        _skip_to_request(reading)


def _status(reading: Reading, entry: _Entry, line: Line, version: str, status: str) -> None:
    if version not in ("", "*", *VERSIONS):
        fix = "Write `HTTP` for any version."
        reading.wrong(line.number, f"HTTP/{lines.quoted(version)[1:-1]} is not spoken here, only HTTP/1.1", fix)
    elif version in VERSIONS:
        entry.asserts.append(parse_assert(f'version == "{version}"'))
    if status in ("*", ""):
        entry.any_status = True
        return
    try:
        entry.status = statuses(status)
    except InputError as error:
        reading.wrong(line.number, f"{error.wrong}; accepted: {error.accepted}", "Write `HTTP 200` or `HTTP *`.")


def _expectations(reading: Reading, entry: _Entry, section: str) -> None:
    while (line := _next(reading)) and not lines.section_of(line.text) and not bodies.starts(line.text):
        reading.take()
        text = lines.uncommented(line.text)
        try:
            if section == "Asserts":
                entry.asserts.append(parse_assert(text))
            elif section == "Captures":
                _capture(reading, entry, line, text)
        except NotUnderstood as error:
            reading.wrong(line.number, f"{values.quoted(text)}: {error}", error.fix)


def _capture(reading: Reading, entry: _Entry, line: Line, text: str) -> None:
    """Note what a line captures. Raises NotUnderstood."""
    name, colon, query = (part.strip() for part in text.partition(":"))
    if not colon or not _NAME.fullmatch(name):
        reading.wrong(line.number, f"{lines.quoted(text)} captures nothing", 'Write `name: jsonpath "$.id"`.')
    else:
        entry.captures.append((name, parse_capture(query)))


def _unknown_section(reading: Reading, line: Line, name: str, known: list[str] | tuple[str, ...]) -> None:
    guess = nearest(name, known)
    fix = f"Write `[{guess}]`." if guess else "Remove it, or write one of those."
    accepted = ", ".join(f"[{one}]" for one in known)
    reading.wrong(line.number, f"the section [{name}] is not supported; accepted: {accepted}", fix)


def _skip_to_request(reading: Reading) -> None:
    while _next(reading):
        reading.take()


def _step(entry: _Entry, number: int, path: str) -> Step:
    body = entry.body
    if entry.form:
        body = Body("form", tuple(entry.form))
    if entry.multipart:
        body = Body("multipart", tuple(entry.multipart))
    headers = list(entry.headers)
    # A JSON body sets its own media type; text between fences does not, and Hurl sends one for it.
    if entry.media_type and body and body.kind == "text" and not any(n.lower() == "content-type" for n, _ in headers):
        headers.append(("Content-Type", entry.media_type))
    status = entry.status
    # A step that only captures fails on a status of 400 or more unless the file says that it may have any.
    if entry.any_status and entry.captures and not (entry.asserts or entry.expected):
        status = Statuses("*", ((100, 599),))
    return Step(
        name=f"{number} {default_name(entry.method, entry.url)}",
        send=Send(
            method=entry.method,
            url=entry.url,
            params=tuple(entry.params),
            headers=tuple(headers),
            cookies=tuple(entry.cookies),
            body=body,
            auth=entry.auth,
        ),
        place=Place(path, entry.line),
        options=entry.options,
        status=status,
        headers=tuple(entry.expected),
        asserts=tuple(entry.asserts),
        captures=tuple(entry.captures),
    )
