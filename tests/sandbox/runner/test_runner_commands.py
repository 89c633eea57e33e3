"""Workflow commands: what a printed line does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.runner.commands import Command, parse


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("::error::bad", Command("error", "bad")),
        ("  \t::error::bad", Command("error", "bad")),
        ("::ERROR FILE=a.py::bad", Command("error", "bad", {"file": "a.py"})),
        (
            "::error file=a.py,line=3,title=x%2Cy%3Az::two%0Alines",
            Command("error", "two\nlines", {"file": "a.py", "line": "3", "title": "x,y:z"}),
        ),
        ("::error file=,line=3,=4,noise::bad", Command("error", "bad", {"line": "3"})),
        ("::error::50%25 of %250A", Command("error", "50% of %0A")),
        ("##[error]bad", Command("error", "bad")),
        (
            "any text ##[warning file=a.py;line=3;]bad%3B %5D",
            Command("warning", "bad; ]", {"file": "a.py", "line": "3"}),
        ),
        ("::nothing::##[error]bad", Command("error", "bad")),
    ],
)
def test_a_command_is_found_in_a_line(line: str, command: Command) -> None:
    assert parse(line) == command


@pytest.mark.parametrize(
    "line",
    [
        "",
        "error::bad",
        "text ::error::bad",
        "::error",
        "::error file=a:",
        "::no-such-command::x",
        "##[error",
        "##error]x",
        "##[no-such]x",
    ],
)
def test_everything_else_is_ordinary_output(line: str) -> None:
    assert parse(line) is None


def escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


@given(message=st.text(), title=st.text(min_size=1))
def test_escaped_text_comes_out_as_it_went_in(message: str, title: str) -> None:
    properties = escaped(title).replace(":", "%3A").replace(",", "%2C")
    command = parse(f"::notice title={properties},line=1::{escaped(message)}")
    assert command is not None
    assert command.data == message
    # The runner trims the properties as a whole: white space before the first is lost.
    assert command.properties.get("title", "") == title.lstrip() or title != title.lstrip()


@given(line=st.text())
def test_no_line_is_too_strange_to_parse(line: str) -> None:
    command = parse(line)
    assert command is None or command.name == command.name.lower()
