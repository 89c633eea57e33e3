"""Outputs arrive whole, whatever is in them; a summary is never dropped for its size."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit import filecommands

ANYTHING = st.text(st.characters(codec=None, exclude_categories=[]), max_size=80)


def as_the_runner_reads(content: str) -> dict[str, str]:
    """actions/runner's EnvFileKeyValuePairs: `name=value` or `name<<delimiter`, lines ended by LF."""
    found, lines = {}, content.split("\n")
    assert lines.pop() == "", "the last line is not ended"
    while lines:
        line = lines.pop(0)
        name, delimiter = re.fullmatch(r"([^=]+?)<<(.+)", line).groups()  # type: ignore[union-attr]
        value = []
        while (line := lines.pop(0)) != delimiter:
            value.append(line)
        found[name] = "\n".join(value)
    return found


@given(values=st.dictionaries(st.from_regex(r"[a-z_][a-z0-9_-]{0,10}", fullmatch=True), ANYTHING, max_size=4))
def test_outputs_arrive_as_they_were_set(values: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("run") / "output"
    for name, value in values.items():
        assert filecommands.set_value(str(file), name, value) is True
    content = file.read_bytes().decode() if values else ""
    kept = {name: re.sub("[\x00\ud800-\udfff]", "\ufffd", value) for name, value in values.items()}
    assert as_the_runner_reads(content) == kept


def test_a_value_cannot_end_itself_and_start_another_output(tmp_path: Path) -> None:
    file = tmp_path / "output"
    filecommands.set_value(str(file), "first", "ghadelimiter_\nverdict<<EOF\npass\nEOF")
    filecommands.set_value(str(file), "second", "")
    assert list(as_the_runner_reads(file.read_text())) == ["first", "second"]


def test_delimiters_are_made_up_for_each_value(tmp_path: Path) -> None:
    file = tmp_path / "output"
    for name in ("a", "b"):
        filecommands.set_value(str(file), name, "x")
    assert len(set(re.findall("<<(.*)", file.read_text()))) == 2


@pytest.mark.parametrize("name", ["", "a b", "a=b", "a\nb", "a<<b", "1a", "-a", "ä"])
def test_a_name_the_runner_would_refuse_is_an_error_of_ours(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not the name of an output"):
        filecommands.set_value(str(tmp_path / "output"), name, "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", [None, ""])
def test_outside_github_actions_nothing_is_written(file: str | None) -> None:
    assert filecommands.set_value(file, "a", "b") is False
    assert filecommands.add_summary(file, "body", "more") is False


def test_a_summary_is_appended(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    assert filecommands.add_summary(str(file), "# One\n\n", "more")
    assert filecommands.add_summary(str(file), "# Two \ud800", "more")
    assert file.read_text() == "# One\n# Two \ufffd\n"


def test_a_large_summary_is_cut_in_bytes_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    file.write_bytes(b"x" * 1000)
    body = "<details>\n<summary>log</summary>\n\n```\n" + "äöü€\n" * 200_000 + "```\n\n</details>"
    assert filecommands.add_summary(str(file), body, "The rest is in `outcome.json`.")
    written = file.read_bytes()
    assert 1024 * 1024 - 1200 < len(written) <= filecommands.SUMMARY_LIMIT < 1024 * 1024
    assert written.decode().endswith("äöü€\n```\n\n</details>\n\nThe rest is in `outcome.json`.\n")


def test_a_full_summary_takes_no_more(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    file.write_bytes(b"x" * filecommands.SUMMARY_LIMIT)
    assert filecommands.add_summary(str(file), "body", "more") is False
    assert file.stat().st_size == filecommands.SUMMARY_LIMIT


def test_a_file_that_cannot_be_written_is_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        filecommands.set_value(str(tmp_path), "a", "b")
