"""Quick checks, one a line: `[METHOD] URL-or-path [STATUS…] [assert [&& assert]…]`. Pure.

`GET /version 200 jsonpath "$.sha" == "{{sha}}" && duration < 800`. The method is GET where none is named. Without a
status, and without an assert of the status, 200 to 299 is expected. What stands after a `#` with
a blank before it is a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from actionkit import values
from actionkit.asserts import Assert, NotUnderstood
from actionkit.errors import Complaint, InputError, UsageError
from actionkit.nearest import nearest
from actionkit.web.statuses import Statuses, statuses
from smoke_test import urls
from smoke_test.model import Options, Place, Send, Step, Test
from smoke_test.plan_steps import default_name, numbered
from smoke_test.urls import METHODS
from smoke_test.written import CHECKS

LONGEST = 2000
EXAMPLE = "GET /health 200"

SUCCESS = Statuses("2xx", ((200, 299),))

_WORD = re.compile(r"(?:\{\{[^{}]*\}\}|\S)+")
_METHOD = re.compile(r"[A-Za-z]+", re.ASCII)
_STATUS = re.compile(r"[0-9]\S*", re.ASCII)
_AND = re.compile(r"\s&&\s")
_OF_STATUS = re.compile(r"status\b")
_NO_LIST = "Leave the dash and the quotes out: an input is no YAML list, every line is a check as it stands."
_JOIN = "Join asserts by ` && `, with a blank on both sides."


class _Wrong(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, column: int, message: str, fix: str) -> None:
        self.column, self.message, self.fix = column, message, fix
        super().__init__(message)


def read(text: str, options: Options | None = None) -> Test:
    """The test that the lines mean. Raises UsageError with every line that does not parse, each with its column."""
    steps, complaints = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            steps.append(_step(line.rstrip(), Place(CHECKS, number), options or Options()))
        except _Wrong as error:
            message = f"input `{CHECKS}`, line {number}, column {error.column}: {error.message}"
            complaints.append(Complaint(message, error.fix))
    if not steps and not complaints:
        complaints.append(Complaint(f"input `{CHECKS}` holds no check", f"Write one such as `{EXAMPLE}`."))
    if complaints:
        raise UsageError(complaints)
    return Test(name=CHECKS, steps=numbered(steps), independent=True)


def _step(line: str, place: Place, options: Options) -> Step:
    if len(line) > LONGEST:
        raise _Wrong(LONGEST, f"the line is longer than {LONGEST:,} characters", "Write a plan instead.")
    words = list(_WORD.finditer(line))
    if words[0][0].startswith(('"', "'")) or words[0][0] == "-":
        raise _Wrong(words[0].start() + 1, f"{values.quoted(words[0][0])} begins no check", _NO_LIST)
    method = _method(words[0]) if _METHOD.fullmatch(words[0][0]) else ""
    rest = words[1:] if method else words
    if not rest:
        raise _Wrong(words[0].end() + 1, f"no URL after {values.quoted(method)}", f"Write one such as `{EXAMPLE}`.")
    try:
        url = urls.of_step(rest[0][0])
    except InputError as error:
        raise _Wrong(rest[0].start() + 1, f"{error.wrong}; accepted: {error.accepted}", error.fix) from None
    expected, end = _statuses(rest[1:], rest[0].end())
    asserts = tuple(_asserts(line, end))
    if expected is None and not any(_OF_STATUS.match(one.text.lstrip()) for one in asserts):
        expected = SUCCESS
    method = method or "GET"
    return Step(
        name=default_name(method, url),
        send=Send(method=method, url=url),
        place=place,
        options=options,
        status=expected,
        asserts=asserts,
    )


def _method(word: re.Match[str]) -> str:
    given = word[0].upper()
    if given in METHODS:
        return given
    guess = nearest(given, METHODS) if word[0].isupper() else None
    fix = f"Write `{guess}`." if guess else f"For a path write `/{word[0]}`; methods are {', '.join(METHODS)}."
    raise _Wrong(word.start() + 1, f"{values.quoted(word[0])} is neither a method nor a URL", fix)


def _statuses(words: list[re.Match[str]], end: int) -> tuple[Statuses | None, int]:
    """The statuses at the beginning of `words`, and where what follows them begins."""
    given = []
    for word in words:
        if not _STATUS.fullmatch(word[0]):
            break
        try:
            statuses(word[0])
        except InputError as error:
            raise _Wrong(word.start() + 1, f"{error.wrong}; accepted: {error.accepted}", error.fix) from None
        given.append(word[0])
        end = word.end()
    return (statuses(" ".join(given)) if given else None), end


def _asserts(line: str, begin: int) -> Iterator[Assert]:
    """The asserts from `begin` on. `&&` inside of a text or a regular expression separates nothing."""
    cuts = [found.span() for found in _AND.finditer(line, begin)]
    if line[begin:].rstrip().endswith("&&"):
        raise _Wrong(len(line) - 1, "nothing follows `&&`", "Write an assert after it, or remove it.")
    if line[begin:].lstrip().startswith("&&"):
        at = line.index("&&", begin)
        raise _Wrong(at + 1, "nothing stands before `&&`", "Write the first assert right after the status.")
    while line[begin:].strip() and not line[begin:].lstrip().startswith("#"):
        found, begin = _next(line, begin, [*(cut for cut in cuts if cut[0] >= begin), (len(line), len(line))])
        yield found


def _next(line: str, begin: int, ends: list[tuple[int, int]]) -> tuple[Assert, int]:
    """The assert at `begin` that ends at the first of `ends` where it parses, and where the next one begins."""
    from actionkit.asserts import parse_assert

    text_begins = begin + len(line[begin:]) - len(line[begin:].lstrip())
    furthest: NotUnderstood | None = None
    for end, after in ends:
        try:
            return parse_assert(line[text_begins:end]), after
        except NotUnderstood as error:
            if furthest is None or error.column > furthest.column:
                furthest = error
    if furthest is None:
        raise AssertionError
    expected = f", expected {' or '.join(furthest.expected)}" if furthest.expected else ""
    likely = f"Write `{furthest.nearest}`." if furthest.nearest else "Correct it there."
    is_complete = furthest.expected == ("the end",)
    fix = _JOIN if is_complete else furthest.fix[:1].upper() + furthest.fix[1:] or likely
    raise _Wrong(text_begins + furthest.column, f"{furthest.found}{expected}", fix)
