"""Parses an assert, `query filter* [not] predicate`, and a capture, `query filter* [redact]`.

Hurl's grammar (hurl.dev, "Grammar") without `xpath`, files, and JSON or XML as values; with `age` and durations such
as `25h`. Everything that can be known is checked here: names, kinds of values, patterns, paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from actionkit.asserts import mistakes
from actionkit.asserts.arguments import PATTERN, Argument, Term, constantly, value_term
from actionkit.asserts.filters import FILTERS, Apply
from actionkit.asserts.judge import Claim, judge_of, reader_of
from actionkit.asserts.model import Assert, Capture, NotUnderstood, Reader, Subject, Variables
from actionkit.asserts.predicates import PREDICATES, Predicate
from actionkit.asserts.queries import QUERIES
from actionkit.asserts.scanner import Kind, Scanner, Token
from actionkit.asserts.template import Template

CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
_NEXT = ("a filter", "a predicate such as `==`, `contains` or `exists`")


def parse_assert(text: str) -> Assert:
    """Parse one assert. Raises NotUnderstood.

    A JSONPath that selects one node gives its value, one that selects several a list of them, one that selects none
    nothing; `count`, `nth`, `first` and `last` take the selected nodes as a list however many they are.
    """
    return _Parser(text).an_assert()


def parse_capture(text: str) -> Capture:
    """Parse one capture: a query, filters, and `redact` if its value is a secret. Raises NotUnderstood."""
    return _Parser(text).a_capture()


@dataclass(frozen=True, slots=True)
class _Value:
    """A query with its filters. `spans`: what it gives is a length of time."""

    read: Reader
    spans: bool


class _Parser:
    """Recursive descent over one text; `names` gathers the variables that it needs."""

    def __init__(self, text: str) -> None:
        # A block of YAML (`- >`), which spares quotes, ends in a line break.
        self._scanner = Scanner(text.rstrip("\r\n"))
        self._names: set[str] = set()
        self._previous_end = 0

    def an_assert(self) -> Assert:
        start = self._scanner.peek.start
        value = self._value()
        predicate_at = self._scanner.peek.start
        negative = self._word("not")
        claim_at = self._scanner.peek.start
        predicate, expected, end = self._predicate(value.spans)
        self._end()
        text = self._scanner.text
        claim = Claim(
            of=text[start:predicate_at].rstrip(),
            written=text[claim_at:end],
            read=value.read,
            test=predicate.test,
            expected=expected,
            exists=predicate is PREDICATES["exists"],
        )
        return Assert(
            text[start:end],
            frozenset(self._names),
            negative=negative,
            _predicate_at=predicate_at - start,
            _judge=judge_of(claim),
        )

    def a_capture(self) -> Capture:
        start = self._scanner.peek.start
        value = self._value(capture=True)
        end = self._previous_end
        redact = self._word("redact")
        if redact:
            end = self._previous_end
        token = self._scanner.peek
        if self._scanner.written(token) in (*PREDICATES, "not"):
            fix = "write it among the asserts"
            raise self._unexpected("a capture has no predicate", ("`redact`", "the end"), fix=fix)
        self._end()
        text = self._scanner.text
        return Capture(text[start:end], redact, frozenset(self._names), _read=reader_of(value.read))

    def _take(self) -> Token:
        token = self._scanner.take()
        self._previous_end = token.end
        if isinstance(token.value, Template):
            self._names |= token.value.names
        return token

    def _word(self, word: str) -> bool:
        if not self._next_is(word):
            return False
        self._take()
        return True

    def _next_is(self, *words: str) -> bool:
        return self._scanner.peek.kind is Kind.WORD and self._scanner.peek.value in words

    def _value(self, *, capture: bool = False) -> _Value:
        token = self._scanner.peek
        name = token.value if token.kind is Kind.WORD else ""
        if name not in QUERIES:
            raise self._no_query(token)
        self._take()
        named = self._scanner.peek
        query = QUERIES[name]
        read = query.make(*self._arguments(name, query.arguments))
        if name == "variable":
            self._names |= {named.value.constant} - {None}
        spans = name == "duration"
        while self._next_is(*FILTERS):
            filter_name = self._take().value
            filter_ = FILTERS[filter_name]
            apply = filter_.applied(filter_.make(*self._arguments(filter_name, filter_.arguments)))
            read, spans = _filtered(read, apply), filter_name == "age"
        if not capture or not (self._scanner.peek.kind is Kind.END or self._next_is("redact")):
            self._no_filter(capture)
        return _Value(read, spans)

    def _no_filter(self, capture: bool) -> None:
        """Raises NotUnderstood where what follows the filters is no predicate either."""
        token, written = self._scanner.peek, self._scanner.written(self._scanner.peek)
        if written in PREDICATES or written == "not":
            return
        if token.kind is Kind.END:
            fix = "write `exists` after it if any value will do"
            raise NotUnderstood(token.start + 1, "the end", _NEXT, fix=fix)
        expected = ("a filter", "`redact`", "the end") if capture else _NEXT
        if written == "xpath":
            raise NotUnderstood(token.start + 1, "`xpath`", expected, fix=mistakes.XPATH)
        if token.kind in (Kind.WORD, Kind.OPERATOR):
            near = mistakes.instead_of_predicate(written, [*FILTERS, *PREDICATES, *(["redact"] if capture else [])])
            raise self._unexpected(f"`{self._scanner.run(token.start)}`", expected, near)
        of = self._scanner.text[: token.start].rstrip()
        fix = f"write `{of} == {self._scanner.run(token.start)}`" if token.kind is not Kind.OTHER and of else ""
        raise self._unexpected(f"`{self._scanner.run(token.start)}`", expected, fix=fix)

    def _no_query(self, token: Token) -> NotUnderstood:
        expected = tuple(f"`{name}`" for name in QUERIES)
        if token.kind is Kind.END:
            return NotUnderstood(token.start + 1, "the end", expected)
        written = self._scanner.written(token)
        if written == "xpath":
            return NotUnderstood(token.start + 1, "`xpath`", expected, fix=mistakes.XPATH)
        near = mistakes.instead_of_query(written, QUERIES) if token.kind is Kind.WORD else ""
        fix = "write `jsonpath` before a path, and the path in quotes" if written.startswith("$") else ""
        if written == "not":
            near, fix = "", "`not` stands before the predicate: `status not == 200`"
        return self._unexpected(f"`{self._scanner.run(token.start)}`", expected, near, fix)

    def _arguments(self, name: str, wanted: tuple[Argument, ...]) -> list[Term]:
        return [self._argument(name, argument) for argument in wanted]

    def _argument(self, name: str, argument: Argument) -> Term:
        token = self._scanner.peek
        if token.kind in argument.kinds:
            term = argument.build(token)
            self._take()
            return term
        expected = tuple(kind.value for kind in argument.kinds)
        example = f"such as `{name} {argument.example}`"
        if token.kind is Kind.END:
            raise NotUnderstood(token.start + 1, f"the end after `{name}`", expected, fix=f"write {example}")
        if Kind.STRING not in argument.kinds:
            raise self._unexpected(f"`{self._scanner.run(token.start)}`", expected, fix=f"write it {example}")
        if name == "replace" and token.kind is Kind.REGEX:
            fix = f"write `replaceRegex {self._scanner.written(token)}`"
            raise self._unexpected("a regex", expected, fix=fix)
        other = mistakes.single_quoted(self._scanner.text, token.start)
        written = mistakes.quoted(other or self._scanner.run(token.start))
        found = f"`{self._scanner.run(token.start)}`" + (" in other quotes" if other else " without quotes")
        raise self._unexpected(found, expected, fix=f"write `{name} {written}`")

    def _predicate(self, spans: bool) -> tuple[Predicate, Term | None, int]:
        token = self._scanner.peek
        name = self._scanner.written(token)
        if name not in PREDICATES:
            expected = tuple(f"`{known}`" for known in PREDICATES)
            if token.kind is Kind.END:
                raise NotUnderstood(token.start + 1, "the end after `not`", expected)
            raise self._no_predicate(token, name, expected)
        predicate = PREDICATES[name]
        self._take()
        value = self._expected(name, predicate, spans) if predicate.values else None
        return predicate, value, self._previous_end

    def _no_predicate(self, token: Token, name: str, expected: tuple[str, ...]) -> NotUnderstood:
        run = self._scanner.run(token.start)
        near = fix = ""
        if name in FILTERS:
            fix = f"put `not` after it: `{name} not …`"
        elif token.kind in (Kind.WORD, Kind.OPERATOR):
            near = mistakes.instead_of_predicate(name, PREDICATES)
        else:
            fix = f"write `!= {run}`"
        return self._unexpected(f"`{run}` after `not`", expected, near, fix)

    def _expected(self, name: str, predicate: Predicate, spans: bool) -> Term:
        token = self._scanner.peek
        self._check_value(name, predicate, token)
        if token.kind is Kind.DURATION and not spans:
            found = f"the duration `{self._scanner.written(token)}`"
            fix = "only `duration` and the filter `age` give a length of time"
            raise self._unexpected(found, ("a number", 'a "string"'), fix=fix)
        self._take()
        if name == "matches":
            return PATTERN.build(token)
        if token.kind is Kind.WORD:
            return constantly(CONSTANTS[token.value])
        return value_term(token)

    def _check_value(self, name: str, predicate: Predicate, token: Token) -> None:
        """Raises NotUnderstood for a token that is no value, or no value of this predicate."""
        written = self._scanner.written(token)
        run = self._scanner.run(token.start)
        expected = tuple("true, false, null" if kind is Kind.WORD else kind.value for kind in predicate.values)
        if token.kind is Kind.END:
            raise NotUnderstood(token.start + 1, f"the end after `{name}`", expected)
        if run.startswith("```"):
            raise self._unexpected("a text of several lines", expected, fix=mistakes.value(run))
        if token.kind in predicate.values and (token.kind is not Kind.WORD or written in CONSTANTS):
            return
        if token.kind is Kind.REGEX:
            raise self._unexpected(f"the regex {run}", expected, fix=f"write `matches {written}`")
        if token.kind in (Kind.WORD, Kind.OTHER):
            other = mistakes.single_quoted(self._scanner.text, token.start)
            is_number = run[:1].isdigit() or run[:1] == "-"
            fix = mistakes.needs_number(run) if is_number else mistakes.value(other or run)
            raise self._unexpected(f"`{run}`" + (" in other quotes" if other else ""), expected, fix=fix)
        if token.kind is Kind.OPERATOR:
            fix = mistakes.value(run) if run.startswith("<") else ""
        else:
            fix = f"write {mistakes.quoted(written)} for a text"
        raise self._unexpected(f"`{run}` after `{name}`", expected, fix=fix)

    def _end(self) -> None:
        token = self._scanner.peek
        if token.kind is Kind.END:
            return
        written = self._scanner.run(token.start)
        if not written:
            fix = "write each assert as an item of its own, such as `- status == 200`"
            raise self._unexpected("another line after what is already complete", ("the end",), fix=fix)
        fix = "write one assert a line; all of them must hold" if written in mistakes.JOINED else ""
        raise self._unexpected(f"`{written}` after what is already complete", ("the end",), fix=fix)

    def _unexpected(self, found: str, expected: tuple[str, ...], near: str = "", fix: str = "") -> NotUnderstood:
        return NotUnderstood(self._scanner.peek.start + 1, found, expected, near, fix)


def _filtered(read: Reader, apply: Apply) -> Reader:
    def filtered(subject: Subject, variables: Variables) -> object:
        return apply(read(subject, variables), subject, variables)

    return filtered
