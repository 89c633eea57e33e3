"""`osv-scanner.toml` means here what it means to OSV-Scanner, or is refused."""

from __future__ import annotations

from datetime import date

import pytest

from actionkit.errors import Unreadable
from security_report_aggregator import ignores
from security_report_aggregator.model import Category
from security_report_aggregator.waiver import Waiver

VULNERABILITIES = (Category.DEPENDENCY, Category.CONTAINER)


def read(text: str) -> tuple[Waiver, ...]:
    return ignores.read("osv-scanner.toml", text.encode())


def refused(text: str) -> tuple[str, int | None]:
    with pytest.raises(Unreadable) as caught:
        read(text)
    return caught.value.reason, caught.value.line


def override(text: str) -> Waiver:
    (waiver,) = read(f"[[PackageOverrides]]\n{text}\n")
    return waiver


def test_an_ignored_vulnerability_is_a_waiver_with_its_day_and_reason() -> None:
    text = 'GoVersionOverride = "1.22"\n\n[[IgnoredVulns]]\nid = "GO-2022-0968"\n'
    text += 'ignoreUntil = 2026-11-09\nreason = "No ssh"\n\n  [[ IgnoredVulns ]]\nid = "X-1"\n'
    first, second = read(text)
    assert (first.ids, first.until, first.reason, first.origin.line) == (
        ("GO-2022-0968",),
        date(2026, 11, 8),
        "No ssh",
        3,
    )
    assert (second.rules, second.until, second.reason, second.origin.line) == (("osv-scanner/X-1",), None, "", 8)


@pytest.mark.parametrize(
    ("written", "until"),
    [
        ("2026-11-09T00:00:00Z", date(2026, 11, 8)),
        ("2026-11-09T23:59:59Z", date(2026, 11, 9)),
        ("2026-11-09T12:00:00", date(2026, 11, 8)),
        ("2026-11-09T01:00:00+02:00", date(2026, 11, 7)),
        ("9999-12-31T23:59:59Z", date.max),
        ("9999-12-31T23:00:00-05:00", date.max),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01", None),
        ("0001-01-01T05:00:00Z", date.min),
        ("0001-01-01T00:00:00+10:00", date.min),
        ("0001-01-03", date(1, 1, 2)),
    ],
)
def test_a_time_counts_until_the_last_whole_day_before_it(written: str, until: date | None) -> None:
    (waiver,) = read(f'[[IgnoredVulns]]\nid = "GO-1"\nignoreUntil = {written}\n')
    assert waiver.until == until


def test_a_package_is_named_as_exactly_as_the_entry_names_it() -> None:
    assert override('name = "lib"\nignore = true').packages == ("lib",)
    assert override('name = "lib"\nversion = "1.0"\nignore = true').packages == ("lib@1.0",)
    found = override('name = "@scope/lib"\nversion = "1.0"\necosystem = "npm"\nignore = true')
    assert found.packages == ("pkg:npm/%40scope/lib@1.0",)
    found = override(
        'name = "org.x:lib"\necosystem = "Maven"\nignore = true\neffectiveUntil = 2027-01-01\nreason = "r"'
    )
    assert (found.packages, found.until, found.reason, found.origin.name) == (
        ("pkg:maven/org.x/lib",),
        date(2026, 12, 31),
        "r",
        "org.x:lib",
    )


@pytest.mark.parametrize(
    ("actions", "categories"),
    [
        ("ignore = true", (*VULNERABILITIES, Category.LICENSE)),
        ("vulnerability.ignore = true", VULNERABILITIES),
        ("license.ignore = true", (Category.LICENSE,)),
        ("vulnerability.ignore = true\nlicense.ignore = true", (*VULNERABILITIES, Category.LICENSE)),
    ],
)
def test_an_override_waives_what_it_says_and_no_more(actions: str, categories: tuple[Category, ...]) -> None:
    assert override(f'name = "lib"\n{actions}').categories == categories


def test_stating_another_licence_is_no_exception() -> None:
    assert read('[[PackageOverrides]]\nname = "lib"\nlicense.override = ["MIT"]\n') == ()
    assert read('[[PackageOverrides]]\ngroup = "dev"\nignore = false\n') == ()


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("[[IgnoredVulns]]\nid = 7\n", "`IgnoredVulns[0]` has a `id` that is not a text", 1),
        ('\n[[IgnoredVulns]]\nreason = "r"\n', "`IgnoredVulns[0]` has no `id`", 2),
        (
            '[[IgnoredVulns]]\nid = "a"\n[[IgnoredVulns]]\nid = "b"\nuntil = 1\n',
            "`IgnoredVulns[1]` has an unknown key",
            3,
        ),
        ('[[IgnoredVulns]]\nid = "a"\nignoreUntil = "soon"\n', "`IgnoredVulns[0]` has a `ignoreUntil` that is not", 1),
        ('IgnoredVulns = ["a"]\n', "`IgnoredVulns[0]` is no table", None),
        ("IgnoredVulns = 1\n", "`IgnoredVulns` is no list of tables", None),
        ("Ignored = 1\n", "`Ignored` is no key", None),
        ('[[PackageOverrides]]\nignore = true\ngroup = "dev"\n', "`PackageOverrides[0]` ignores by `group`", 1),
        (
            '[[PackageOverrides]]\nignore = true\nname = "a.*"\nnameIsRegex = true\n',
            "`PackageOverrides[0]` ignores by `nameIsRegex`",
            1,
        ),
        ('[[PackageOverrides]]\nignore = true\necosystem = "npm"\n', "`PackageOverrides[0]` names no package", 1),
        (
            '[[PackageOverrides]]\nignore = true\nname = "a"\necosystem = "Moon"\n',
            "`PackageOverrides[0]` is of the ecosystem 'Moon'",
            1,
        ),
        ("[[PackageOverrides]]\nlicense.overide = []\n", "`PackageOverrides[0]` has an unknown key `overide`", 1),
        ("[[IgnoredVulns]]\nid = \n", "is not TOML: Invalid value", 2),
        ("[[IgnoredVulns]]\nid = 'a", "is not TOML: ", None),
        ("x = " + "[" * 5000, "is nested too deeply", None),
        ("x = " + "1" * 5000, "is not TOML: ", None),
        ("\n" + "a." * 50_000 + "a = 1", "has more than 200 dots in one line", 2),
        ("#" * 4_200_000, "is larger than", None),
    ],
)
def test_a_mistake_is_named_with_the_line_of_its_table(text: str, said: str, line: int | None) -> None:
    reason, at = refused(text)
    assert reason.startswith(said)
    assert at == line


def test_tables_written_in_line_have_no_line() -> None:
    (waiver,) = read('IgnoredVulns = [{id = "GO-1"}]')
    assert (waiver.ids, waiver.origin.line) == (("GO-1",), None)
