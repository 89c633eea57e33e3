"""Holds a claim against an answer and says in one sentence why it does not hold. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from actionkit.asserts import kinds
from actionkit.asserts.arguments import Term
from actionkit.asserts.model import (
    HOLDS,
    Checked,
    Judge,
    NothingFound,
    NotUnderstood,
    Reader,
    Subject,
    Unset,
    Variables,
)
from actionkit.asserts.patterns import Regex
from actionkit.asserts.predicates import Test
from actionkit.redact import beginning
from actionkit.untrusted import one_line, shortened

LONGEST_QUOTE = 160
"""Characters of the assert itself in a message."""

_PARTS = ("contains", "startsWith", "endsWith", "matches")
"""The predicates that hold for every text where nothing is asked of it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An assert taken apart: `of` and `written` are the texts of its value and of its predicate, without `not`."""

    of: str
    written: str
    read: Reader
    test: Test
    expected: Term | None
    exists: bool


def judge_of(claim: Claim) -> Judge:
    """How the claim is held against an answer; the last argument says whether it is negated."""

    def judge(subject: Subject, variables: Variables, negative: bool) -> Checked:
        try:
            return _judged(claim, subject, variables, negative)
        except NothingFound as nothing:
            if claim.exists and negative and nothing.absent:
                return HOLDS
            return _failed(claim, subject, negative, "nothing", nothing.reason)
        except (Unset, NotUnderstood) as error:
            return _failed(claim, subject, negative, "", f"cannot be checked: {error}")
        except RecursionError:
            return _failed(claim, subject, negative, "", "is nested too deeply to be checked")
        except ArithmeticError:
            return _failed(claim, subject, negative, "", "is no number that can be compared")

    return judge


def _judged(claim: Claim, subject: Subject, variables: Variables, negative: bool) -> Checked:
    actual = kinds.settled(claim.read(subject, variables))
    expected = claim.expected(subject, variables) if claim.expected else None
    verdict = claim.test(actual, expected)
    vacuous = not negative and _asks_nothing(claim, actual, expected)
    if verdict is not None and verdict is not negative and not vacuous:
        return HOLDS
    shown = kinds.shown(actual, subject.redacted)
    found = f"is {shown} ({kinds.sized(actual)})" if actual is not None else "is null"
    about = ", which is empty, so that every text has it" if vacuous else ""
    return _failed(claim, subject, negative, shown, found, about or _about(claim, subject, actual, expected, verdict))


def _asks_nothing(claim: Claim, actual: Any, expected: Any) -> bool:
    """Whether a variable was to say what a text must hold, and is empty: whatever came would be right."""
    if "{{" not in claim.written or not claim.written.startswith(_PARTS):
        return False
    value = expected.pattern if isinstance(expected, Regex) else expected
    return value == "" and isinstance(actual, str | kinds.Lines)


def _about(claim: Claim, subject: Subject, actual: Any, expected: Any, verdict: bool | None) -> str:
    """What there is to add on the expected value: what it was filled with, and its kind where that is the reason."""
    if claim.expected is None:
        return "" if verdict is not None else f"; it does not work on {kinds.kind(actual)}"
    value = expected.pattern if isinstance(expected, Regex) else expected
    about = f", which is {kinds.shown(value, subject.redacted)}" if "{{" in claim.written else ""
    if verdict is None:
        given = "a regex" if isinstance(expected, Regex) else kinds.kind(expected)
        return f"{about}; it does not work on {kinds.kind(actual)} with {given}"
    return about + (f" ({kinds.kind(value)})" if kinds.kind(value) != kinds.kind(actual) else "")


def _failed(claim: Claim, subject: Subject, negative: bool, actual: str, found: str, about: str = "") -> Checked:
    quoted = (beginning(text, subject.redacted) for text in (claim.of, claim.written))
    of, written = (shortened(one_line(text), LONGEST_QUOTE) for text in quoted)
    return Checked(False, actual, f"{of} {found}, expected {'not ' if negative else ''}{written}{about}")


def reader_of(read: Reader) -> Reader:
    """How a capture reads: as `Capture.value` says."""

    def value(subject: Subject, variables: Variables) -> Any:
        try:
            found = kinds.plain(read(subject, variables))
        except (Unset, NotUnderstood) as error:
            raise NothingFound(f"finds nothing because {error}", absent=False) from None
        if isinstance(found, bytes):
            reason = "finds bytes, which no variable holds: put `toHex`, `base64Encode` or `utf8Decode` after it"
            raise NothingFound(reason, absent=False)
        return found

    return value
