"""Converters from the text of an input to a value, each `str -> value`, raising InputError with the fix."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple

from actionkit import globs as patterns
from actionkit.errors import InputError
from actionkit.nearest import nearest
from actionkit.untrusted import one_line, shortened

Percent = Fraction
"""An exact percentage, 0 to 100."""

_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,30})?|\.[0-9]{1,30}) ?%?", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,18}", re.ASCII)
_DURATION = re.compile(r"(?:([0-9]{1,15}(?:\.[0-9]{1,9})?)(ms|[wdhms]))", re.ASCII)
_SPELLED_OUT = re.compile(r"([0-9]{1,15})[ _-]?([a-z]{1,12}?)s?", re.ASCII)
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) ?([A-Za-z]*)", re.ASCII)
_SUITE = re.compile(r"([A-Za-z0-9_.-]+)=(.*)", re.ASCII | re.DOTALL)

_MILLISECONDS = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_UNITS = {"week": "w", "day": "d", "hour": "h", "hr": "h", "minute": "m", "second": "s", "millisecond": "ms"}
_BYTES = {"": 1, "b": 1} | {
    unit: base**power
    for power, letter in enumerate("kmgt", start=1)
    for unit, base in ((f"{letter}b", 1000), (f"{letter}ib", 1024))
}

TRUE = frozenset({"true", "True", "TRUE"})
FALSE = frozenset({"false", "False", "FALSE"})
"""The YAML 1.2 core schema's booleans (section 10.3.2)."""


class SuiteGlob(NamedTuple):
    """One line of `reports`: a glob, and the suite it belongs to ("" where none is named)."""

    suite: str
    glob: str


def quoted(text: str) -> str:
    """`text` as a message quotes it: on one line, in backticks, not endless."""
    return f"`{shortened(one_line(text), 80)}`" if text.strip() else "an empty text"


def text(given: str) -> str:
    """Any text, as it is."""
    return given


def percent(given: str) -> Percent:
    """`80`, `79.5` or `80%` as an exact fraction of 1/100, 0 to 100."""
    matched = _PERCENT.fullmatch(given.strip())
    value = Fraction(matched[1]) if matched else None
    if value is None or value > 100:
        wrong = f"{quoted(given)} is not a percentage"
        raise InputError(wrong, "a number from 0 to 100, such as 80 or 79.5", "Write `80` for eighty percent.")
    return value


def boolean(given: str) -> bool:
    """`true` or `false` as YAML 1.2 spells them."""
    word = given.strip()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    meant = {"yes": "true", "on": "true", "y": "true", "1": "true", "no": "false", "off": "false", "n": "false"}
    likely = meant.get(word.lower(), "false" if word == "0" else "")
    fix = f"Write `{likely}`." if likely else "Write `true` or `false`."
    raise InputError(f"{quoted(given)} is not a boolean", "true or false", fix)


def count(given: str) -> int:
    """A whole number, 0 or more."""
    word = given.strip()
    if not _COUNT.fullmatch(word):
        raise InputError(f"{quoted(given)} is not a whole number", "a whole number, 0 or more", "Write digits only.")
    return int(word)


def duration(given: str) -> timedelta:
    """`90s`, `5m`, `1h30m`, `30d`, `2w` or `500ms`; larger units first, each once. A bare `0` is no time at all."""
    word = given.strip()
    parts = _DURATION.findall(word)
    order = [list(_MILLISECONDS).index(unit) for _, unit in parts]
    in_order = order == sorted(set(order))
    if word != "0" and (not parts or not in_order or "".join(number + unit for number, unit in parts) != word):
        fix = f"Write `{word}s` for seconds or `{word}m` for minutes." if _COUNT.fullmatch(word) else _with_unit(word)
        raise InputError(f"{quoted(given)} is not a duration", "such as 500ms, 90s, 5m, 1h30m, 30d or 2w", fix)
    try:
        milliseconds = sum(Fraction(number) * _MILLISECONDS[unit] for number, unit in parts)
        return timedelta(microseconds=int(milliseconds * 1000))
    except OverflowError:
        raise InputError(f"{quoted(given)} is too long", "at most 999999999 days", "Write `3650d`.") from None


def _with_unit(word: str) -> str:
    """What to write instead of `30 days` or `30_days`."""
    matched = _SPELLED_OUT.fullmatch(word.lower())
    unit = next((unit for name, unit in _UNITS.items() if name.startswith(matched[2])), "") if matched else ""
    return f"Write `{matched[1]}{unit}`." if matched and unit else "Write `90s`."


def size(given: str) -> int:
    """Bytes: `1024`, `500MB` (powers of 1000) or `8GiB` (powers of 1024), up to `TiB`; case does not count."""
    matched = _SIZE.fullmatch(given.strip())
    factor = _BYTES.get(matched[2].lower()) if matched else None
    bytes_meant = Fraction(matched[1]) * factor if matched and factor else Fraction(1, 2)
    if bytes_meant.denominator != 1:
        raise InputError(
            f"{quoted(given)} is not a size",
            "bytes, or a number with kB, MB, GB, TB, KiB, MiB, GiB or TiB",
            "Write `8GiB`.",
        )
    return int(bytes_meant)


def lines(given: str) -> tuple[str, ...]:
    """A newline list; blanks around a line and blank lines do not count."""
    return tuple(stripped for line in given.split("\n") if (stripped := line.strip()))


def globs(given: str) -> tuple[str, ...]:
    """A newline list of globs (`actionkit.globs`), `!glob` leaves out again what lines above it matched."""
    wanted = lines(given)
    for line in wanted:
        patterns.parse(line)
    _no_lone_exclusions(given, wanted)
    return wanted


def suite_globs(given: str) -> tuple[SuiteGlob, ...]:
    """A newline list of `glob` or `suite=glob`. A suite is named with `A-Za-z0-9_.-` only."""
    wanted = tuple(_suite_glob(line) for line in lines(given))
    _no_lone_exclusions(given, tuple(line.glob for line in wanted))
    return wanted


def _suite_glob(line: str) -> SuiteGlob:
    matched = _SUITE.fullmatch(line)
    suite, glob = (matched[1], matched[2].strip()) if matched else ("", line)
    if not glob:
        raise InputError(
            f"{quoted(line)} names a suite but no glob", "`glob` or `suite=glob`", f"Write `{line}**/*.xml`."
        )
    patterns.parse(glob)
    return SuiteGlob(suite, glob)


def _no_lone_exclusions(given: str, wanted: tuple[str, ...]) -> None:
    if wanted and all(glob.startswith("!") for glob in wanted):
        fix = "Put a line such as `**/*.xml` before the first `!`."
        raise InputError(f"{quoted(given)} only leaves files out", "at least one glob without `!`", fix)


def relative_path(given: str) -> str:
    """A path inside the workspace, without `.` segments; absolute only as runners spell the workspace."""
    word = patterns.in_workspace(given.strip()) or given.strip()
    fix = "Write a path relative to the workspace, such as `out/badge.svg`."
    if word.startswith("/"):
        raise InputError(f"{quoted(given)} is an absolute path", "a path inside the workspace", fix)
    segments = [segment for segment in word.split("/") if segment not in ("", ".")]
    if ".." in segments or not segments or "\0" in word:
        raise InputError(f"{quoted(given)} is not inside the workspace", "a path inside the workspace", fix)
    return "/".join(segments)


@dataclass(frozen=True, slots=True)
class Choice:
    """A converter that accepts exactly `choices`; documents are generated from them."""

    choices: tuple[str, ...]

    def __call__(self, given: str) -> str:
        word = given.strip()
        if word in self.choices:
            return word
        guess = nearest(word, self.choices)
        fix = f"Write `{guess}`." if guess else f"Write one of them, such as `{self.choices[0]}`."
        raise InputError(f"{quoted(given)} is not one of the choices", ", ".join(self.choices), fix)


def choice(*names: str) -> Choice:
    """A converter that accepts exactly `names`."""
    return Choice(names)
