"""Sources are read once, held within bounds, and never raise whatever path a report gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actionkit.workspace import Workspace
from security_report_aggregator.line_hash import line_hashes
from security_report_aggregator.sources import FILE_LIMIT, HASHED_LINES, Sources


def sources(root: Path, **files: str | bytes) -> Sources:
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (root / f"{name}.py").write_bytes(data)
    return Sources(Workspace(root))


def test_a_line_is_found_by_its_number_from_1(tmp_path: Path) -> None:
    found = sources(tmp_path, a="one\ntwo\r\nthree\rfour")
    assert [found.line("a.py", number) for number in range(6)] == [None, "one", "two", "three", "four", None]


def test_there_is_no_line_behind_the_last_line_end(tmp_path: Path) -> None:
    found = sources(tmp_path, a="one\n\n", b="")
    assert [found.line("a.py", number) for number in (1, 2, 3)] == ["one", "", None]
    assert found.line("b.py", 1) is None
    assert found.text("b.py") == ""


def test_other_separators_end_no_line(tmp_path: Path) -> None:
    assert sources(tmp_path, a="one\u2028still\x0cone\ntwo").line("a.py", 2) == "two"


def test_files_are_decoded_by_their_marks(tmp_path: Path) -> None:
    found = sources(tmp_path, a=b"\xef\xbb\xbfone", b="zwei ä".encode("utf-16"), c=b"caf\xe9")
    assert [found.line(f"{name}.py", 1) for name in "abc"] == ["one", "zwei ä", "café"]


@pytest.mark.parametrize(
    "path", ["none.py", "folder", "../outside.py", "/etc/passwd", "a\0b", "a\ud800", "", "x" * 5000]
)
def test_what_is_no_file_of_the_workspace_has_no_text(tmp_path: Path, path: str) -> None:
    (tmp_path / "outside.py").write_text("secret")
    root = tmp_path / "ws"
    (root / "folder").mkdir(parents=True)
    found = Sources(Workspace(root))
    assert (found.text(path), found.line(path, 1), list(found.hashes(path))) == (None, None, [])


def test_a_link_to_outside_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text("secret")
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "link.py").symlink_to(tmp_path / "outside.py")
    assert Sources(Workspace(tmp_path / "ws")).text("link.py") is None


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    found = sources(tmp_path, a=b"x" * FILE_LIMIT, b=b"x" * (FILE_LIMIT + 1))
    assert (len(found.text("a.py") or ""), found.text("b.py")) == (FILE_LIMIT, None)


def test_a_file_is_read_once_however_often_it_is_asked_for(tmp_path: Path) -> None:
    found = sources(tmp_path, a="one\ntwo\n")
    assert found.line("a.py", 1) == "one"
    (tmp_path / "a.py").unlink()
    assert (found.line("a.py", 2), found.text("a.py")) == ("two", "one\ntwo\n")


def test_the_file_not_asked_for_the_longest_is_forgotten_first(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_text(name * 40_000)
    found = Sources(Workspace(tmp_path), held_limit=100_000)
    for name in ("a", "b", "a", "c"):
        found.text(name)
    for name in "abc":
        (tmp_path / name).unlink()
    assert [found.text(name) is not None for name in "acb"] == [True, True, False]


def test_what_is_held_stays_within_the_limit(tmp_path: Path) -> None:
    (tmp_path / "lines").write_text("\n" * 50_000)
    found = Sources(Workspace(tmp_path), held_limit=200_000)
    for number in range(1000):
        found.line(f"missing/{number}", 1)
        assert found.held_size <= 200_000
    assert found.line("lines", 7) == ""
    assert found.text("missing/1") is None
    assert found.held_size <= 200_000


def test_hashes_are_those_of_code_scanning_and_computed_once(tmp_path: Path) -> None:
    text = "def f():\n    return 1\n"
    found = sources(tmp_path, a=text)
    assert list(found.hashes("a.py")) == line_hashes(text)
    assert found.hashes("a.py") is found.hashes("a.py")


def test_a_file_of_too_many_lines_is_not_hashed(tmp_path: Path) -> None:
    found = sources(tmp_path, a="\n" * (HASHED_LINES + 1))
    assert list(found.hashes("a.py")) == []
    assert found.line("a.py", HASHED_LINES) == ""


@given(lines=st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), max_size=10), max_size=8))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lines_and_text_say_the_same(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "file").write_bytes("".join(f"{line}\n" for line in lines).encode())
    found = Sources(Workspace(tmp_path))
    shown = [found.line("file", number) for number in range(1, len(lines) + 2)]
    # A mark at the very beginning is none of the text.
    first = lines[0].removeprefix("\ufeff") if lines else None
    assert shown == [first, *lines[1:], None][: len(lines) + 1] if lines else shown == [None]
