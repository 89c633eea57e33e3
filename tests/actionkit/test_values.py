"""Inputs are read exactly, and what cannot be read is named with what is accepted and the fix."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit import globs, values
from actionkit.errors import InputError
from actionkit.nearest import nearest


@pytest.mark.parametrize(
    ("text", "exact"),
    [("80", Fraction(80)), ("79.5", Fraction(159, 2)), ("80%", Fraction(80)), ("80 %", Fraction(80)),
     (" 0 ", Fraction(0)), ("100.0", Fraction(100)), ("79.996", Fraction(79996, 1000)), (".5", Fraction(1, 2))],
)  # fmt: skip
def test_a_percentage_is_exact(text: str, exact: Fraction) -> None:
    assert values.percent(text) == exact


@pytest.mark.parametrize(
    "text", ["eighty", "101", "100.01", "-1", "nan", "inf", "1e5", "", "80%%", "8 0", "٨٠", "0x10", "80,5", "1" * 5000]
)
def test_what_is_no_percentage_is_refused_with_the_fix(text: str) -> None:
    with pytest.raises(InputError) as refused:
        values.percent(text)
    assert "0 to 100" in refused.value.accepted
    assert "`80`" in refused.value.fix
    assert len(refused.value.wrong) < 120


@given(st.integers(0, 99), st.text("0123456789", min_size=1, max_size=30))
def test_a_percentage_keeps_every_digit(whole: int, digits: str) -> None:
    assert values.percent(f"{whole}.{digits}%") == whole + Fraction(int(digits), 10 ** len(digits))


@pytest.mark.parametrize("text", ["true", "True", "TRUE"])
def test_true_is_spelled_as_in_yaml_1_2(text: str) -> None:
    assert values.boolean(text) is True


@pytest.mark.parametrize("text", ["false", "False", " FALSE "])
def test_false_is_spelled_as_in_yaml_1_2(text: str) -> None:
    assert values.boolean(text) is False


@pytest.mark.parametrize(
    ("text", "fix"),
    [("yes", "Write `true`."), ("ON", "Write `true`."), ("1", "Write `true`."), ("no", "Write `false`."),
     ("0", "Write `false`."), ("tRuE", "Write `true` or `false`."), ("", "Write `true` or `false`.")],
)  # fmt: skip
def test_other_booleans_are_refused_with_the_likely_one(text: str, fix: str) -> None:
    with pytest.raises(InputError) as refused:
        values.boolean(text)
    assert refused.value.fix == fix


@pytest.mark.parametrize(
    ("text", "length"),
    [("90s", timedelta(seconds=90)), ("5m", timedelta(minutes=5)), ("1h30m", timedelta(hours=1, minutes=30)),
     ("30d", timedelta(days=30)), ("2w", timedelta(weeks=2)), ("500ms", timedelta(milliseconds=500)),
     ("1.5s", timedelta(seconds=1.5)), ("1w2d3h4m5s6ms", timedelta(7 + 2, 5, 0, 6, 4, 3)), ("0", timedelta(0))],
)  # fmt: skip
def test_a_duration_has_units(text: str, length: timedelta) -> None:
    assert values.duration(text) == length


def test_a_bare_number_is_no_duration_and_the_fix_names_the_units() -> None:
    with pytest.raises(InputError, match="`90` is not a duration") as refused:
        values.duration("90")
    assert refused.value.fix == "Write `90s` for seconds or `90m` for minutes."


@pytest.mark.parametrize(
    ("text", "meant"),
    [("30_days", "30d"), ("5 min", "5m"), ("1 hour", "1h"), ("2Weeks", "2w"), ("90 seconds", "90s"), ("5M", "5m"),
     ("250 milliseconds", "250ms"), ("3 moons", "90s"), ("soon", "90s")],
)  # fmt: skip
def test_a_unit_that_is_spelled_out_is_told_as_it_is_written_here(text: str, meant: str) -> None:
    with pytest.raises(InputError) as refused:
        values.duration(text)
    assert refused.value.fix == f"Write `{meant}`."


@pytest.mark.parametrize("text", ["", "5M", "5 m", "m", "30m1h", "1m1m", "-5m", "PT5M", "1.5.5s", "5min", "5m!", "inf"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not a duration"):
        values.duration(text)


def test_an_endless_duration_is_refused() -> None:
    with pytest.raises(InputError, match="too long"):
        values.duration("999999999999999w")


@pytest.mark.parametrize(
    ("text", "size"),
    [("1024", 1024), ("0", 0), ("500MB", 500_000_000), ("8GiB", 8 * 1024**3), ("8 GiB", 8 * 1024**3), ("1kB", 1000),
     ("1KiB", 1024), ("1.5KiB", 1536), ("12B", 12), ("2TiB", 2 * 1024**4), ("2tb", 2 * 1000**4)],
)  # fmt: skip
def test_a_size_is_a_whole_number_of_bytes(text: str, size: int) -> None:
    assert values.size(text) == size


@pytest.mark.parametrize("text", ["", "big", "8G", "-1", "1.5", "0.0001kB", "8GiBs", "1e3"])
def test_other_sizes_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not a size"):
        values.size(text)


def test_a_count_is_a_whole_number() -> None:
    assert values.count(" 40 ") == 40
    for text in ("-1", "4.0", "", "many", "9" * 5000):
        with pytest.raises(InputError, match="is not a whole number"):
            values.count(text)


def test_lists_are_lines_and_blank_lines_do_not_count() -> None:
    assert values.lines("\n  a \r\n\n# b\nc d\n") == ("a", "# b", "c d")
    assert values.text(" as it is ") == " as it is "


def test_globs_are_checked_when_they_are_read() -> None:
    assert values.globs("**/*.xml\n!**/old/**\n") == ("**/*.xml", "!**/old/**")
    for text, wrong in {
        "../x": "leaves the workspace",
        "a/{b,../c}/d": "leaves the workspace",
        "!": "names no file",
        "a\0": "names no file",
        "[z-a]": "impossible",
        "{a,b}" * 12: "alternatives",
        "!a\n!b": "only leaves files out",
    }.items():
        with pytest.raises(InputError) as refused:
            values.globs(text)
        assert wrong in refused.value.wrong
        assert refused.value.fix


def test_a_glob_may_name_its_suite() -> None:
    assert values.suite_globs("unit=a/*.xml\n*.info\ne2e-1.x_y = b.xml\n") == (
        ("unit", "a/*.xml"),
        ("", "*.info"),
        ("", "e2e-1.x_y = b.xml"),
    )


def test_an_equals_sign_further_on_belongs_to_the_path() -> None:
    assert values.suite_globs("out/lang=en/*.xml") == (("", "out/lang=en/*.xml"),)
    assert values.suite_globs("unit=out/lang=en/*.xml") == (("unit", "out/lang=en/*.xml"),)
    assert values.suite_globs("unit=!skip.xml\nunit=*.xml") == (("unit", "!skip.xml"), ("unit", "*.xml"))


@pytest.mark.parametrize("text", ["unit=", "unit=../x", "unit=!a.xml"])
def test_a_suite_without_a_usable_glob_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        values.suite_globs(text)


@pytest.mark.parametrize(
    ("text", "path"),
    [("a/b.svg", "a/b.svg"), ("./a//b", "a/b"), ("/github/workspace/a", "a"), ("/home/runner/work/r/r/a/b", "a/b"),
     ("/opt/_work/r/r/a", "a"), ("/__w/r/r/a", "a")],
)  # fmt: skip
def test_a_path_is_inside_the_workspace_however_a_runner_spells_it(text: str, path: str) -> None:
    assert values.relative_path(text) == path


@pytest.mark.parametrize(
    "text", ["../a", "a/../../b", "/etc/passwd", "", ".", "a\0b", "/github/workspace", "/__w/r/s/a"]
)
def test_a_path_outside_the_workspace_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refused:
        values.relative_path(text)
    assert "relative to the workspace" in refused.value.fix


def test_a_choice_names_the_nearest_spelling() -> None:
    mode = values.choice("enforce", "report")
    assert mode(" report ") == "report"
    with pytest.raises(InputError) as refused:
        mode("Reprot")
    assert (refused.value.accepted, refused.value.fix) == ("enforce, report", "Write `report`.")
    with pytest.raises(InputError, match="an empty text is not one of the choices") as refused:
        mode("")
    assert refused.value.fix == "Write one of them, such as `enforce`."


def test_did_you_mean_ignores_case_and_separators() -> None:
    assert nearest("Fail_Under", ["fail-under-patch", "fail-under", "format"]) == "fail-under"
    assert nearest("zzz", ["fail-under"]) is None


CONVERTERS: list[Callable[[str], Any]] = [
    values.percent, values.boolean, values.duration, values.size, values.count, values.lines, values.globs,
    values.suite_globs, values.relative_path, values.choice("a", "b"),
]  # fmt: skip


@pytest.mark.parametrize("convert", CONVERTERS)
@given(text=st.text(st.characters(codec=None, exclude_categories=[]), max_size=40))
def test_no_text_makes_a_converter_crash(convert: Callable[[str], Any], text: str) -> None:
    refused = refusal(convert, text)
    if refused is not None:
        assert refused.wrong
        assert not set(refused.wrong) & set("\n\r\x1b\u202e\ud800")
        assert refused.accepted
        assert refused.fix


def refusal(convert: Callable[[str], Any], text: str) -> InputError | None:
    try:
        convert(text)
    except InputError as refused:
        return refused
    return None


@pytest.mark.parametrize(
    ("pattern", "path", "matched"),
    [("**/*.xml", "a/b/c.xml", True), ("**/*.xml", "c.xml", True), ("*.xml", "a/c.xml", False), ("a/**", "a/b/c", True),
     ("a/**", "a", False), ("a/", "a/.x/y", True), ("{a,b{c,d}}/x", "bd/x", True), ("{a}/x", "{a}/x", True),
     ("[!a-c]*", "dog", True), ("[!a-c]*", "bog", False), ("[^a]", "b", True), ("[]]", "]", True), ("[a-]", "-", True),
     ("[", "[", True), ("[a&&b]", "&", True), ("[[x]", "[", True), ("\\*", "*", True), ("\\*", "x", False),
     ("\\\\*", "\\x", True), ("*\\", "x\\", True), ("a**b", "axxb", True), ("**", "x/y", True), ("**/**/b", "b", True),
     ("a/**/b", "a/b", True), ("?", "x", True), ("?", "", False), ("a\\{b,c}", "a{b,c}", True), ("./a", "a", True),
     ("a.b", "axb", False), ("x,y", "x,y", True), ("}a{", "}a{", True), (".", "any/file", True)],
)  # fmt: skip
def test_globs_mean_what_a_shell_means(pattern: str, path: str, matched: bool) -> None:
    assert globs.parse(pattern).matches(path) is matched


@given(st.lists(st.sampled_from(["**", "*", "a", "*a*"]), min_size=1, max_size=12), st.integers(1, 40))
def test_matching_takes_no_exponential_time(segments: list[str], depth: int) -> None:
    path = "/".join(["a"] * depth + ["b"])
    only_deep = all(segment == "**" for segment in segments)
    ends_wild = segments[-1] in ("**", "*")
    matched = globs.parse("/".join(segments)).matches(path)
    assert not matched or ends_wild
    assert matched or not only_deep


def test_the_last_glob_that_speaks_of_a_path_decides() -> None:
    chosen = [globs.parse(text) for text in ("**/*.xml", "!old", "old/keep.xml")]
    assert globs.selected(chosen, "a.xml")
    assert not globs.selected(chosen, "old/b.xml")
    assert globs.selected(chosen, "old/keep.xml")
    assert not globs.selected(chosen, "a.txt")
