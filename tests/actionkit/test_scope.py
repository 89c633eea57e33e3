"""Scopes: whole-path globs, the last one that speaks of a path decides."""

from __future__ import annotations

import pytest

from actionkit.errors import InputError
from actionkit.scope import Scope


@pytest.mark.parametrize(
    ("globs", "path", "inside"),
    [
        (["src/**"], "src/a/b.py", True),
        (["src/**"], "other/src/b.py", False),
        (["src/*"], "src/a/b.py", False),
        (["src/legacy"], "src/legacy/a/b.py", True),
        (["src/legacy"], "src/legacy.py", False),
        (["src/legacy.py"], "src/legacy.py", True),
        (["**/*.{js,ts}"], "web/x.ts", True),
        (["src/**", "!src/gen"], "src/gen/x.py", False),
        (["src/**", "!src/gen", "src/gen/keep.py"], "src/gen/keep.py", True),
        ([], "src/a.py", False),
    ],
)
def test_the_last_glob_that_speaks_of_a_path_decides(globs: list[str], path: str, inside: bool) -> None:
    assert (path in Scope.of(globs)) is inside


def test_a_scope_reads_as_it_was_written() -> None:
    assert str(Scope.of(["src/**", "!src/gen"])) == "`src/**`, `!src/gen`"
    assert Scope.of(["a"])
    assert not Scope()


def test_a_malformed_glob_is_refused() -> None:
    with pytest.raises(InputError):
        Scope.of(["../up"])
