"""Globs over `/`-separated paths relative to the workspace. Pure: what a pattern means, not what is on disk.

`*` and `?` stay within a segment, `**` is any number of segments, `[a-c]` and `[!a-c]` one character, `{a,b}` either,
`\\` takes the next character as it is, `!` at the start leaves out, a trailing `/` means everything below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from actionkit.errors import InputError
from actionkit.untrusted import one_line, shortened

ALTERNATIVES = 1000
"""More alternatives than this in one pattern are a mistake or an attack."""

PATH_LIMIT = 4096
"""Characters; Linux opens no longer path (PATH_MAX), so no glob names one."""

# Where runners keep the workspace: in a Docker action, on a hosted runner, on a self-hosted one, in a job container.
# The runner rewrites its own path only at the start of a variable (actions/runner#728), not on further lines.
_RUNNER_WORKSPACE = re.compile(
    r"/github/workspace(?:/|$)|(?:/home/runner/work|/(?:[^/]+/)*_work|/__w)/([^/]+)/\1(?:/|$)"
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def in_workspace(path: str) -> str | None:
    """`path` relative to the workspace if it is absolute in a way runners spell it (`.` for the workspace itself)."""
    matched = _RUNNER_WORKSPACE.match(path)
    return (path[matched.end() :] or ".") if matched else None


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a pattern: `name` if it is literal, else `regex`; both None for `**`.

    `dotted` is True if the pattern itself starts with a dot: only then does it find hidden names.
    """

    name: str | None
    regex: re.Pattern[str] | None
    dotted: bool

    @property
    def deep(self) -> bool:
        """True for `**`."""
        return self.name is None and self.regex is None

    def matches(self, name: str, *, hidden: bool) -> bool:
        if self.name is not None:
            return name == self.name
        if name.startswith(".") and not (hidden or self.dotted):
            return False
        return self.regex is None or self.regex.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed glob: `text` as given, whether it `excludes`, and its alternatives (braces expanded) as segments.

    `absolute` is True if it starts at the root of the file system; only whoever knows the workspace can judge that.
    """

    text: str
    excludes: bool
    absolute: bool
    alternatives: tuple[tuple[Segment, ...], ...]

    @property
    def literal(self) -> str:
        """The path it names if nothing in it is a wildcard, else ""."""
        names = [segment.name for segment in self.alternatives[0]]
        return "/".join(name or "" for name in names) if len(self.alternatives) == 1 and None not in names else ""

    def matches(self, path: str) -> bool:
        """True if the relative `path` itself, hidden or not, is matched."""
        return len(path) <= PATH_LIMIT and _any(self.alternatives, tuple(path.split("/")))

    def covers(self, path: str) -> bool:
        """True if `path` or a folder it lies in is matched: what an exclusion means."""
        if len(path) > PATH_LIMIT:
            return False
        parts = path.split("/")
        return any(_any(self.alternatives, tuple(parts[:end])) for end in range(1, len(parts) + 1))


def parse(text: str) -> Pattern:
    """Raises InputError for a pattern that is malformed, empty or leaves the workspace by `..`."""
    excludes = text.startswith("!")
    body = text[1:].strip() if excludes else text
    bodies = _expanded(text, body)
    absolute = any(one.startswith("/") for one in bodies)
    return Pattern(text, excludes, absolute, tuple(dict.fromkeys(_segments(text, one) for one in bodies)))


def selected(patterns: Sequence[Pattern], path: str) -> bool:
    """True if the last pattern that speaks of `path` includes it."""
    for pattern in reversed(patterns):
        if pattern.covers(path) if pattern.excludes else pattern.matches(path):
            return not pattern.excludes
    return False


def _any(alternatives: tuple[tuple[Segment, ...], ...], names: tuple[str, ...]) -> bool:
    return any(_matched(segments, names) for segments in alternatives)


def _matched(segments: tuple[Segment, ...], names: tuple[str, ...]) -> bool:
    # The set of positions in `segments` reachable after each name: linear where backtracking would be exponential.
    states = opened(segments, {0})
    for name in names:
        stepped = set()
        for at in states:
            if at < len(segments) and segments[at].matches(name, hidden=True):
                stepped.add(at if segments[at].deep else at + 1)
        states = opened(segments, stepped)
    return len(segments) in states


def opened(segments: tuple[Segment, ...], states: set[int]) -> set[int]:
    """`states` and what follows them without a name: `**` also matches no segment at all."""
    found = set(states)
    for at in sorted(states):
        step = at
        while step < len(segments) and segments[step].deep:
            step += 1
            found.add(step)
    return found


def _bad(text: str, reason: str, fix: str) -> InputError:
    return InputError(f"`{shortened(one_line(text), 80)}` {reason}", "a glob inside the workspace", fix)


def _segments(text: str, body: str) -> tuple[Segment, ...]:
    names = [name for name in body.split("/") if name not in ("", ".")]
    if ".." in names:
        raise _bad(text, "leaves the workspace", "Write it without `..`, relative to the workspace.")
    if body.endswith("/") or not names:
        names.append("**")
    if not body or "\0" in body:
        raise _bad(text, "names no file", "Write a glob such as `**/coverage.xml`.")
    collapsed = [name for at, name in enumerate(names) if name != "**" or names[at - 1 : at] != ["**"]]
    # `dir/**` is what is below dir, never dir itself.
    if len(collapsed) > 1 and collapsed[-1] == "**":
        collapsed.append("*")
    return tuple(_segment(text, name) for name in collapsed)


def _segment(text: str, name: str) -> Segment:
    if name == "**":
        return Segment(None, None, False)
    dotted = name.startswith((".", "\\.", "[.]"))
    if not set(_ESCAPED.sub("", name)) & set("*?["):
        return Segment(_ESCAPED.sub(r"\1", name), None, dotted)
    try:
        return Segment(None, re.compile(_regex(name), re.DOTALL), dotted)
    except re.error:
        raise _bad(text, "holds an impossible `[…]`", "Write ranges from low to high, such as `[a-z]`.") from None


def _regex(name: str) -> str:
    made, at = [], 0
    while at < len(name):
        letter = name[at]
        if letter == "*":
            while name[at + 1 : at + 2] == "*":
                at += 1
            made.append("[^/]*")
        elif letter == "?":
            made.append("[^/]")
        elif letter == "[" and (end := _class_end(name, at)):
            made.append(_class(name[at + 1 : end]))
            at = end
        elif letter == "\\" and at + 1 < len(name):
            at += 1
            made.append(re.escape(name[at]))
        else:
            made.append(re.escape(letter))
        at += 1
    return "".join(made)


def _class_end(name: str, at: int) -> int:
    """Where the class that opens at `at` closes, 0 if it does not. A `]` in first place is a member."""
    first = at + 1 + (name[at + 1 : at + 2] in ("!", "^"))
    return max(name.find("]", first + 1), 0)


def _class(inner: str) -> str:
    negated = inner[0] in "!^"
    members = re.sub(
        r"(.)-(.)|.", lambda m: f"{re.escape(m[1])}-{re.escape(m[2])}" if m[1] else re.escape(m[0]), inner[negated:]
    )
    return f"[{'^' if negated else ''}{members}]"


def _expanded(text: str, body: str) -> list[str]:
    """`body` with its braces expanded, as a shell would; `{a}` without a comma stays as it is."""
    done: list[str] = []
    waiting = [body]
    while waiting:
        one = waiting.pop()
        group = _first_group(one)
        if group is None:
            done.append(one)
        else:
            start, end, parts = group
            waiting.extend(one[:start] + part + one[end + 1 :] for part in reversed(parts))
        if len(done) + len(waiting) > ALTERNATIVES:
            raise _bad(text, f"has more than {ALTERNATIVES} alternatives", "Use `*` instead of `{…}`.")
    return done


def _first_group(one: str) -> tuple[int, int, list[str]] | None:
    """The first `{a,b}` with a comma: where it starts and ends, and its parts."""
    opens: list[tuple[int, list[int]]] = []
    found: tuple[int, int, list[str]] | None = None
    at = 0
    while at < len(one):
        letter = one[at]
        if letter == "\\":
            at += 1
        elif letter == "{":
            opens.append((at, []))
        elif letter == "," and opens:
            opens[-1][1].append(at)
        elif letter == "}" and opens:
            start, commas = opens.pop()
            if commas and (found is None or start < found[0]):
                edges = [start, *commas, at]
                found = (start, at, [one[low + 1 : high] for low, high in pairwise(edges)])
        at += 1
    return found
