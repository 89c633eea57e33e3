"""A report that names lines its file does not have is of other sources."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.coverage_gate.made import a_file

from actionkit.workspace import Workspace
from coverage_gate.extent import SAMPLE, beyond


@pytest.mark.parametrize(
    ("source", "last", "found"),
    [
        (b"a\nb\n", 2, None),
        (b"a\nb", 2, None),
        (b"a\r\nb\r\n", 3, None),
        (b"a\rb\r", 3, None),
        (b"a\nb\n", 4, (4, 2)),
        (b"a\nb", 4, (4, 2)),
        (b"a\rb\r", 9, (9, 2)),
        (b"", 2, (2, 0)),
        (b"", 1, None),
    ],
)
def test_lines_past_the_end_are_found_with_one_to_spare(
    tmp_path: Path, source: bytes, last: int, found: tuple[int, int] | None
) -> None:
    (tmp_path / "a.py").write_bytes(source)
    files = {"a.py": a_file("a.py", [1, last])}
    assert beyond(files, (), Workspace(tmp_path)) == ({"a.py": found} if found else {})


def test_what_is_not_here_or_inlined_by_a_compiler_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "b.kt").write_bytes(b"x\n")
    files = {path: a_file(path, [1, 50]) for path in ("gone.py", "b.kt", "../up.py")}
    assert beyond(files, (), Workspace(tmp_path)) == {}


def test_changed_files_are_always_looked_at_and_others_up_to_a_number(tmp_path: Path) -> None:
    files = {f"{number:05}.py": a_file(f"{number:05}.py", [1, 50]) for number in range(SAMPLE + 2)}
    for path in files:
        (tmp_path / path).write_bytes(b"x\n")
    last = max(files)
    found = beyond(files, ["not measured.py", last], Workspace(tmp_path))
    assert last in found
    assert len(found) == SAMPLE + 1
