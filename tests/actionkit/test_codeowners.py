"""CODEOWNERS as GitHub reads it: the last rule that matches wins, and may name nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit.codeowners import Codeowners

RULES = """
# Everything has an owner unless a later rule says otherwise.
*                 @global-1 @Global-2
*.js              @js-owner #inline
*.go              docs@example.com
/build/logs/      @logs
docs/*            @docs
apps/             @apps
**/tmp            @tmp
/apps/github
my\\ file.txt     @spaces
/a{b,c}/x.py      @braces
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README.md", ("@global-1", "@global-2")),
        ("src/deep/in/app.js", ("@js-owner",)),
        ("main.go", ("docs@example.com",)),
        ("build/logs/x/y.txt", ("@logs",)),
        ("src/build/logs/y.txt", ("@global-1", "@global-2")),
        ("docs/intro.md", ("@docs",)),
        ("docs/build/intro.md", ("@global-1", "@global-2")),
        ("src/apps/x.py", ("@apps",)),
        ("src/tmp", ("@tmp",)),
        ("src/tmp/x.py", ("@tmp",)),
        ("apps/github/x.py", ()),
        ("my file.txt", ("@spaces",)),
        ("a{b,c}/x.py", ("@braces",)),
        ("ab/x.py", ("@global-1", "@global-2")),
    ],
)
def test_the_last_rule_that_matches_wins(path: str, owners: tuple[str, ...]) -> None:
    assert Codeowners.parse(RULES).owners_of(path) == owners


def test_lines_github_does_not_understand_are_skipped_and_named() -> None:
    owned = Codeowners.parse("!src/ @a\nsrc/[ab].py @a\n\\#x @a\nsrc/ nobody\n/../up @a\n\n/ok.py @a\n")
    assert owned.skipped == (1, 2, 3, 4, 5)
    assert [rule.line for rule in owned.rules] == [7]
    assert owned.everyone == {"@a"}


def test_a_comment_without_a_blank_before_it_is_no_part_of_the_owner() -> None:
    owned = Codeowners.parse("*.py @ask#bob @carol\n")
    assert owned.owners_of("x.py") == ("@ask",)


def test_the_root_alone_is_everything() -> None:
    assert Codeowners.parse("/ @a").owners_of("x/y.py") == ("@a",)


def test_nobody_owns_anything_without_rules() -> None:
    assert Codeowners.parse("").owners_of("x.py") == ()


@given(st.text(alphabet="ab/*.!@#[]{}\\, \n", max_size=200))
def test_every_line_is_a_rule_a_skipped_line_or_nothing(text: str) -> None:
    owned = Codeowners.parse(text)
    lines = [rule.line for rule in owned.rules] + list(owned.skipped)
    assert len(lines) == len(set(lines)) <= len(text.splitlines())
    assert set(owned.owners_of("a/b.a")) <= owned.everyone
