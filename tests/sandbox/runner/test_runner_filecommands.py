"""The files behind GITHUB_OUTPUT and its siblings."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.runner.filecommands import SUMMARY_LIMIT, FileCommands, MalformedFileCommand


@pytest.fixture
def files(tmp_path: Path) -> FileCommands:
    return FileCommands.create(tmp_path)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", {}),
        ("a=1\n", {"a": "1"}),
        ("a=1", {"a": "1"}),
        ("\n\na=1\n\n", {"a": "1"}),
        ("a=1\na=2\n", {"a": "2"}),
        ("a=b=c\n", {"a": "b=c"}),
        ("a=x<<y\n", {"a": "x<<y"}),
        ("a=1\r\n", {"a": "1\r"}),
        ("\ufeffa=1\n", {"a": "1"}),
        ("a<<END\n1\n\n2=3\nEND\nb=4\n", {"a": "1\n\n2=3", "b": "4"}),
        ("a<<END\nEND\n", {"a": ""}),
        ("a<<E=D\n1\nE=D", {"a": "1"}),
    ],
)
def test_pairs_are_read_line_by_line_or_as_heredocs(files: FileCommands, text: str, pairs: dict[str, str]) -> None:
    files.paths["GITHUB_OUTPUT"].write_text(text, newline="")
    assert files.pairs("GITHUB_OUTPUT") == pairs


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("just text\n", "Invalid format 'just text'"),
        ("=1\n", "Name must not be empty"),
        ("<<END\n1\nEND\n", "Name must not be empty"),
        ("a<<\n1\n", "delimiter must not be empty"),
        ("a<<END\n1\n", "Matching delimiter not found 'END'"),
        ("a<<END\n1\nEND \n", "Matching delimiter not found 'END'"),
    ],
)
def test_a_malformed_line_is_refused(files: FileCommands, text: str, reason: str) -> None:
    files.paths["GITHUB_OUTPUT"].write_text(text)
    with pytest.raises(MalformedFileCommand, match=reason):
        files.pairs("GITHUB_OUTPUT")


@given(
    value=st.text(alphabet=st.characters(exclude_categories=["Cs"])).filter(lambda text: "\nEND\n" not in f"\n{text}\n")
)
@settings(max_examples=50)
def test_any_value_survives_a_heredoc(value: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = FileCommands.create(Path(folder))
        files.paths["GITHUB_ENV"].write_text(f"a<<END\n{value}\nEND\n", encoding="utf-8", newline="")
        assert files.pairs("GITHUB_ENV") == {"a": value}


def test_a_file_that_the_step_removed_says_nothing(files: FileCommands) -> None:
    for path in files.paths.values():
        path.unlink()
    assert files.pairs("GITHUB_STATE") == {}
    assert files.added_paths() == ()
    assert files.summary() == ""


def test_paths_are_added_line_by_line(files: FileCommands) -> None:
    files.paths["GITHUB_PATH"].write_text("/opt/a\n\n/opt/b\n")
    assert files.added_paths() == ("/opt/a", "/opt/b")


def test_a_summary_of_one_mebibyte_is_kept_and_one_byte_more_drops_it(files: FileCommands) -> None:
    files.paths["GITHUB_STEP_SUMMARY"].write_text("x" * SUMMARY_LIMIT)
    assert files.summary() == "x" * SUMMARY_LIMIT
    files.paths["GITHUB_STEP_SUMMARY"].write_text("x" * (SUMMARY_LIMIT + 1))
    assert files.summary() is None


def test_no_two_steps_share_their_files(tmp_path: Path) -> None:
    first, second = FileCommands.create(tmp_path), FileCommands.create(tmp_path)
    assert set(first.paths.values()).isdisjoint(second.paths.values())
