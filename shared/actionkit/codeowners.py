"""CODEOWNERS: who owns a path. The last rule that matches wins, and may say that nobody does. Pure.

Patterns are those of .gitignore without `!`, `[…]` and an escaped `#`; a line that uses one of them is skipped, as
GitHub does. https://docs.github.com/articles/about-code-owners
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from actionkit import globs
from actionkit.errors import InputError
from actionkit.globs import Pattern

_WORD = re.compile(r"(?:\\.|[^\s\\])+")
_OWNER = re.compile(r"@[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)?|[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line: its number, the globs its pattern stands for, and the owners, in lower case as GitHub compares them."""

    line: int
    patterns: tuple[Pattern, ...]
    owners: tuple[str, ...]

    def matches(self, path: str) -> bool:
        return any(pattern.matches(path) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Codeowners:
    """The rules of a file, indexed by the first folder of their pattern ("" where that is a wildcard)."""

    rules: tuple[Rule, ...] = ()
    skipped: tuple[int, ...] = ()
    _by_folder: dict[str, list[int]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> Codeowners:
        """Never raises: `skipped` are the numbers of lines that GitHub would not understand either."""
        rules: list[Rule] = []
        skipped: list[int] = []
        for number, line in enumerate(text.splitlines(), start=1):
            words = list(_words(line))
            if not words:
                continue
            rule = _rule(number, words)
            if rule is None:
                skipped.append(number)
            else:
                rules.append(rule)
        by_folder: dict[str, list[int]] = {}
        for at, rule in enumerate(rules):
            by_folder.setdefault(_first_folder(rule), []).append(at)
        return cls(tuple(rules), tuple(skipped), by_folder)

    def owners_of(self, path: str) -> tuple[str, ...]:
        """The owners of a path, in lower case; empty if nobody owns it."""
        candidates = self._by_folder.get("", []) + self._by_folder.get(path.partition("/")[0], [])
        for at in sorted(candidates, reverse=True):
            if self.rules[at].matches(path):
                return self.rules[at].owners
        return ()

    @property
    def everyone(self) -> frozenset[str]:
        """Every owner that any rule names, in lower case."""
        return frozenset(owner for rule in self.rules for owner in rule.owners)


def _words(line: str) -> Iterator[str]:
    for match in _WORD.finditer(line):
        if match[0].startswith("#"):
            return
        # An owner cannot hold a `#`, so there it starts a comment even without a blank before it.
        word = match[0].partition("#")[0] if "@" in match[0] else match[0]
        yield word
        if word != match[0]:
            return


def _rule(number: int, words: list[str]) -> Rule | None:
    pattern, *owners = words
    if pattern.startswith(("!", "\\#")) or "[" in pattern or not all(_OWNER.fullmatch(owner) for owner in owners):
        return None
    try:
        patterns = tuple(globs.parse(text) for text in _as_globs(pattern))
    except InputError:
        return None
    return Rule(number, patterns, tuple(owner.lower() for owner in owners))


def _as_globs(pattern: str) -> tuple[str, ...]:
    """A .gitignore pattern as globs over whole paths: the file itself and, for a folder, what is below."""
    body = re.sub(r"([{},])", r"\\\1", pattern.removesuffix("/").removeprefix("/"))
    anchored = "/" in pattern.removesuffix("/")
    start = body if anchored else f"**/{body}"
    if pattern.endswith("/"):
        return (f"{start}/**",) if body else ("**",)
    # GitHub documents that `docs/*` does not take in `docs/build/troubleshooting.md`.
    if anchored and body.rpartition("/")[2] == "*":
        return (start,)
    return (start, f"{start}/**")


def _first_folder(rule: Rule) -> str:
    first = rule.patterns[0].alternatives[0][0]
    return first.name or ""
