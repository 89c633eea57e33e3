"""Annotations, masks, groups and stopped commands: what GitHub shows of a step's output."""

from __future__ import annotations

import pytest

from sandbox.runner import Annotation
from sandbox.runner.console import Console


def console_of(*lines: str, **settings: object) -> Console:
    console = Console(**settings)  # type: ignore[arg-type]
    for line in lines:
        console.feed(line)
    return console


def test_ten_annotations_of_each_level_are_kept_and_the_rest_are_only_in_the_log() -> None:
    console = console_of(*(f"::{level}::number {n}" for level in ("error", "warning", "notice") for n in range(12)))
    assert [a.message for a in console.kept if a.level == "warning"] == [f"number {n}" for n in range(10)]
    assert [(a.level, a.message) for a in console.dropped] == [
        (level, f"number {n}") for level in ("error", "warning", "notice") for n in (10, 11)
    ]
    assert "##[notice]number 11" in console.log


def test_the_runners_own_warnings_take_from_the_ten() -> None:
    console = Console()
    console.warn("Unexpected input(s) 'x'")
    for n in range(10):
        console.feed(f"::warning::{n}")
    assert len(console.kept) == 10
    assert [a.message for a in console.dropped] == ["9"]


def test_a_message_is_cut_at_4096_characters() -> None:
    assert len(console_of("::error::" + "é" * 5000).kept[0].message) == 4096


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("file=a.py,line=3,endLine=5", (3, 5, None, None)),
        ("file=a.py,endLine=5", (5, 5, None, None)),
        ("file=a.py,line=5,endLine=3", (None, None, None, None)),
        ("file=a.py,line=3,col=2,endColumn=7", (3, None, 2, 7)),
        ("file=a.py,line=3,endColumn=7", (3, None, 7, 7)),
        ("file=a.py,line=3,col=7,endColumn=2", (3, None, None, None)),
        ("file=a.py,col=7", (None, None, None, None)),
        ("file=a.py,line=3,endLine=4,col=7", (3, 4, None, None)),
        ("file=a.py,line=3,endLine=3,col=7", (3, 3, 7, None)),
        ("file=a.py,line=three", (None, None, None, None)),
    ],
)
def test_lines_and_columns_that_make_no_sense_are_left_out(properties: str, expected: tuple[int | None, ...]) -> None:
    (annotation,) = console_of(f"::error {properties}::x").kept
    assert (annotation.line, annotation.end_line, annotation.column, annotation.end_column) == expected
    assert annotation.path == "a.py"


def test_a_file_is_shown_relative_to_the_workspace() -> None:
    console = console_of("::error file=/w/src/a.py,title=T::x", locate=lambda path: path.removeprefix("/w/"))
    assert console.kept == [Annotation("error", "x", path="src/a.py", title="T")]


def test_a_masked_value_is_stars_from_then_on() -> None:
    console = console_of("before hunter2", "::add-mask::hunter2", "after hunter2", "::error title=hunter2::hunter2!")
    assert console.log.splitlines() == ["before hunter2", "after ***", "##[error]***!"]
    assert (console.kept[0].message, console.kept[0].title) == ("***!", "***")


def test_a_secret_of_several_lines_is_masked_line_by_line_and_the_longest_first() -> None:
    console = console_of("::add-mask::key%0Along-key", "a long-key and a key", masks=("first",))
    assert console.log == "a *** and a ***\n"
    assert console.mask("first") == "***"


def test_an_empty_mask_is_warned_of_and_masks_nothing() -> None:
    console = console_of("::add-mask::  ", "a b")
    assert console.kept[0].level == "warning"
    assert console.log.endswith("a b\n")


def test_nothing_is_a_command_until_the_stop_token_comes_back() -> None:
    console = console_of(
        "::stop-commands::s3cret-Token",
        "::error::written by someone else",
        "::stop-commands::other",
        "::other::",
        "##[add-mask]someone",
        "::S3cret-token::",
        "::error::ours",
        "::s3cret-token::",
    )
    assert [a.message for a in console.kept] == ["ours"]
    assert console.log.splitlines() == [
        "::stop-commands::s3cret-Token",
        "::error::written by someone else",
        "::stop-commands::other",
        "::other::",
        "##[add-mask]someone",
        "::S3cret-token::",
        "##[error]ours",
        "::s3cret-token::",
    ]


@pytest.mark.parametrize("token", ["", "error", "Pause-Logging"])
def test_a_stop_token_that_anyone_could_say_fails_the_step(token: str) -> None:
    console = console_of(f"::stop-commands::{token}", "::error::still a command")
    assert console.failed
    assert console.kept[-1].message == "still a command"


def test_groups_are_named_and_shown_in_the_log() -> None:
    console = console_of("::group::Reading", "inside", "::endgroup::")
    assert console.groups == ["Reading"]
    assert console.log == "##[group]Reading\ninside\n##[endgroup]\n"


def test_debug_lines_are_shown_only_where_debugging_is_on() -> None:
    assert console_of("::debug::why").log == ""
    assert console_of("::debug::why", debug=True).log == "##[debug]why\n"


def test_the_old_commands_for_outputs_and_state_still_work_with_a_warning() -> None:
    console = console_of("::set-output name=a::1", "::save-state name=b::2")
    assert (console.outputs, console.state, console.failed) == ({"a": "1"}, {"b": "2"}, False)
    assert [a.message.split("`")[1] for a in console.kept] == ["set-output", "save-state"]


@pytest.mark.parametrize(
    "line", ["::set-output::1", "::save-state name=::2", "::set-env name=PATH::x", "::add-path::/x"]
)
def test_a_command_that_is_off_or_lacks_its_name_fails_the_step(line: str) -> None:
    console = console_of(line)
    assert console.failed
    assert not console.outputs
    assert all(a.level == "error" for a in console.kept)


def test_commands_for_problem_matchers_show_nothing() -> None:
    assert console_of("::add-matcher::m.json", "::remove-matcher owner=x::", "::echo::on").log == ""
