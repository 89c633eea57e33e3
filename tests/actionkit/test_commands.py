"""The runner obeys what we say and nothing others wrote."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit import commands
from actionkit.commands import Commands

ANYTHING = st.text(st.characters(codec=None, exclude_categories=[]), max_size=60)
HOSTILE = st.lists(
    st.sampled_from(
        ["::", "##[", "error", "stop-commands", "]", "\n", "\r", " ", "\x1b[31m", "\u2028", "%0A", "x", "\t", "#"]
    ),
    max_size=14,
).map("".join)
KNOWN = {
    "error",
    "warning",
    "notice",
    "debug",
    "group",
    "endgroup",
    "add-mask",
    "stop-commands",
    "set-output",
    "set-env",
}


class RunnerEar:
    """Which commands a runner hears: actions/runner's ActionCommand and ActionCommandManager, in short."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, str], str]] = []
        self.drawn: list[str] = []
        self._token = ""

    def listen(self, output: str) -> None:
        for line in re.split(r"\r\n|\r|\n", output):
            name, properties, data = self._command(line)
            if self._token:
                if name.lower() == self._token:
                    self._token = ""
                else:
                    self.drawn.append(line)
            elif name == "stop-commands":
                self._token = data
            elif name:
                self.heard.append((name, properties, data))
            else:
                self.drawn.append(line)
        assert not self._token, "the runner was left deaf"

    def _command(self, line: str) -> tuple[str, dict[str, str], str]:
        known = KNOWN | {self._token}
        if matched := re.match(r"\s*::([^: ]*)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)", line, re.DOTALL):
            name, properties, data = matched[1], matched[2] or "", matched[3]
            if name.lower() in known:
                pairs = (pair.split("=", 1) for pair in properties.split(",") if "=" in pair)
                return name, {key.strip(): self._value(value) for key, value in pairs}, self._data(data)
        if (matched := re.search(r"##\[([^\] ]+)[^\]]*\](.*)", line, re.DOTALL)) and matched[1].lower() in known:
            return matched[1], {}, matched[2]
        return "", {}, ""

    def _data(self, text: str) -> str:
        return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")

    def _value(self, text: str) -> str:
        return self._data(text.replace("%3A", ":").replace("%2C", ","))


def heard(stream: io.StringIO) -> list[tuple[str, dict[str, str], str]]:
    ear = RunnerEar()
    ear.listen(stream.getvalue())
    return ear.heard


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def test_an_annotation_arrives_as_it_was_meant(stream: io.StringIO) -> None:
    Commands(stream, True).annotation(
        "error", "50% of a: b,c\nsecond line", file="src/a,b:c.py", line=3, end_line=7, title="T: 1, 2"
    )
    place = {"title": "T: 1, 2", "file": "src/a,b:c.py", "line": "3", "endLine": "7"}
    assert heard(stream) == [("error", place, "50% of a: b,c\nsecond line")]


def test_an_annotation_without_a_file_has_no_line(stream: io.StringIO) -> None:
    Commands(stream, True).annotation("notice", "m", line=3)
    assert stream.getvalue() == "::notice::m\n"


def test_an_end_before_the_start_is_the_start(stream: io.StringIO) -> None:
    Commands(stream, True).annotation("warning", "m", file="f", line=5, end_line=2)
    assert heard(stream) == [("warning", {"file": "f", "line": "5", "endLine": "5"}, "m")]


def test_on_a_laptop_an_annotation_is_a_line(stream: io.StringIO) -> None:
    terminal = Commands(stream, False)
    terminal.annotation("error", "not covered", file="src/a.py", line=3, title="Patch")
    terminal.annotation("notice", "done", file="b.py")
    terminal.annotation("notice", "done")
    assert stream.getvalue() == "error: src/a.py:3: Patch: not covered\nnotice: b.py: done\nnotice: done\n"


def test_a_secret_is_masked_whole_and_line_by_line(stream: io.StringIO) -> None:
    Commands(stream, True).add_mask("first%line\nsecond line\n")
    assert [data for _, _, data in heard(stream)] == ["first%line\nsecond line", "first%line", "second line"]


def test_short_lines_of_a_secret_are_not_masked(stream: io.StringIO) -> None:
    runner = Commands(stream, True)
    runner.add_mask('{\n"key": "value"\n}')
    runner.add_mask("abc")
    runner.add_mask("  \n ")
    assert [data for _, _, data in heard(stream)] == ['"key": "value"']


def test_a_secret_is_never_printed_on_a_laptop(stream: io.StringIO) -> None:
    Commands(stream, False).add_mask("hunter2hunter2")
    assert stream.getvalue() == ""


def test_a_group_is_closed_even_when_its_body_fails(stream: io.StringIO) -> None:
    with pytest.raises(RuntimeError), Commands(stream, True).group("A\ntitle"):
        raise RuntimeError
    assert stream.getvalue() == "::group::A title\n::endgroup::\n"


def test_on_a_laptop_a_group_is_a_heading(stream: io.StringIO) -> None:
    with Commands(stream, False).group("Title"):
        stream.write("body\n")
    assert stream.getvalue() == "Title\nbody\n"


def test_the_words_of_others_are_shown_between_stop_and_resume(stream: io.StringIO) -> None:
    Commands(stream, True).foreign("::error::gotcha\n##[error]gotcha\nplain\n")
    first, *shown, last = stream.getvalue().splitlines()
    token = first.removeprefix("::stop-commands::")
    assert re.fullmatch("[0-9a-f]{32}", token)
    assert last == f"::{token}::"
    assert shown == ["::error::gotcha", "## [error]gotcha", "plain"]


def test_every_stop_has_its_own_token(stream: io.StringIO) -> None:
    runner = Commands(stream, True)
    runner.foreign("a")
    runner.foreign("b")
    assert len(set(re.findall("stop-commands::(.*)", stream.getvalue()))) == 2


def test_on_a_laptop_the_words_of_others_are_plain(stream: io.StringIO) -> None:
    Commands(stream, False).foreign("\x1b[31mred\x1b[0m\x07 \x1b]0;title\x07done\r\n")
    assert stream.getvalue() == "red\ufffd done\n"


def test_a_line_of_ours_that_starts_like_a_command_is_none(stream: io.StringIO) -> None:
    Commands(stream, True).say(" ::error::gotcha\n##[error]gotcha")
    Commands(stream, False).say("::error::gotcha")
    first, second = stream.getvalue().splitlines()
    assert (first, second) == ("\u200b::error::gotcha ## [error]gotcha", "::error::gotcha")
    ear = RunnerEar()
    ear.listen(first)
    assert ear.heard == []


@given(text=st.one_of(ANYTHING, HOSTILE), here=st.booleans())
def test_nothing_others_wrote_is_obeyed(text: str, here: bool) -> None:
    stream = io.StringIO()
    runner = Commands(stream, True)
    (runner.foreign if here else runner.say)(text)
    ear = RunnerEar()
    ear.listen(stream.getvalue())
    assert ear.heard == []
    assert not [line for line in ear.drawn if "##[" in line]


@given(title=st.one_of(ANYTHING, HOSTILE), message=st.one_of(ANYTHING, HOSTILE), file=st.one_of(ANYTHING, HOSTILE))
def test_nothing_in_an_annotation_makes_a_second_command(title: str, message: str, file: str) -> None:
    stream = io.StringIO()
    Commands(stream, True).annotation("error", message, file=file, line=1, title=title)
    assert [name for name, _, _ in heard(stream)] == ["error"]


def test_talking_to_the_runner_loads_no_http_client() -> None:
    code = (
        "import sys, actionkit.commands; print(sorted({'requests', 'urllib3', 'yaml', 'pydantic'} & set(sys.modules)))"
    )
    path = {"PYTHONPATH": str(Path(commands.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", code], env=path, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_a_terminal_cannot_show_is_replaced_and_not_raised() -> None:
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="ascii")
    Commands(terminal, in_actions=False).say("90 % of src/ü.py …")
    assert raw.getvalue() == b"90 % of src/?.py ?\n"


def test_a_reader_that_is_gone_ends_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w")
    Commands(stream, in_actions=False).say("said to nobody")
    with pytest.raises(BrokenPipeError):
        stream.close()
