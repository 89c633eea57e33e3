"""`.trivyignore` and `.trivyignore.yaml` mean here what they mean to Trivy."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from security_report_aggregator import ignores
from security_report_aggregator.model import Category
from security_report_aggregator.waiver import Waiver


def read(text: str, name: str = ".trivyignore") -> tuple[Waiver, ...]:
    return ignores.read(name, text.encode())


def refused(text: str, name: str = ".trivyignore") -> tuple[str, int | None]:
    with pytest.raises(Unreadable) as caught:
        read(text, name)
    return caught.value.reason, caught.value.line


def refused_yaml(text: str) -> tuple[str, int | None]:
    return refused(text, ".trivyignore.yaml")


def test_each_line_is_a_waiver_that_knows_its_line() -> None:
    first, second = read("\nCVE-2021-44228\n\n  ghsa-jfh8-c2jp-5v3q\t\n")
    assert (first.ids, first.origin.name, first.origin.line) == (("CVE-2021-44228",), "CVE-2021-44228", 2)
    assert (second.ids, second.origin.line) == (("GHSA-jfh8-c2jp-5v3q",), 4)
    assert (first.rules, first.reason, first.until) == ((), "", None)


def test_an_id_that_is_no_advisory_is_a_rule_of_trivys() -> None:
    assert [one.rules for one in read("AVD-AWS-0086\naws-access-key-id\nGPL-3.0\n")] == [
        ("trivy/AVD-AWS-0086",),
        ("trivy/aws-access-key-id",),
        ("trivy/GPL-3.0",),
    ]


def test_a_comment_above_a_group_or_behind_an_entry_is_its_reason() -> None:
    text = (
        "# Exceptions of team X\n\n"
        "# not reachable,\n#   says Ann\nCVE-2021-0001\nCVE-2021-0002\n"
        "# second\nCVE-2021-0003 # third\n\nCVE-2021-0004\n"
    )
    assert [one.reason for one in read(text)] == ["not reachable, says Ann"] * 2 + ["third", ""]


def test_an_entry_that_expires_on_a_day_no_longer_counts_on_it() -> None:
    (waiver,) = read("CVE-2021-0001 exp:2026-03-01")
    assert waiver.until == date(2026, 2, 28)
    assert waiver.active(date(2026, 2, 28))
    assert not waiver.active(date(2026, 3, 1))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("CVE-2021-0001 exp:soon", "'exp:soon' is no day"),
        ("CVE-2021-0001 exp:2026-02-30", "'exp:2026-02-30' is no day"),
        ("CVE-2021-0001 expires=2026-01-01", "'expires=2026-01-01' behind an id is no option"),
        ("CVE-2021-0001 CVE-2021-0002", "'CVE-2021-0002' behind an id is no option"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_line(line: str, said: str) -> None:
    reason, at = refused(f"# list\n{line}\n")
    assert reason.startswith(said)
    assert at == 2


def test_a_list_of_another_name_needs_an_advisory_and_nothing_but_ids() -> None:
    assert len(read("# ours\nDS002\nCVE-2021-0001\n", "ignored.txt")) == 2
    assert refused("DS002\n", "ignored.txt")[0].startswith("is no ignore file")
    assert refused("CVE-2021-0001 is harmless\n", "ignored.txt")[0].startswith("is no ignore file")


def test_a_list_without_end_is_refused() -> None:
    assert refused("DS002\n" * 100_002) == ("holds more than 100,000 entries", 100_001)


YAML = """\
vulnerabilities:
  - id: CVE-2022-40897
    paths:
      - "usr/local/lib/**/METADATA"
    purls: ["pkg:pypi/setuptools@65.5.0"]
    statement: Accept
      the risk
    expired_at: 2026-06-30
  - id: DLA-3000-1
misconfigurations:
  - id: AVD-DS-0001
    paths: [Dockerfile]
secrets:
  - id: aws-access-key-id
licenses:
  - id: GPL-3.0
    expired_at: 2026-06-30T23:59:59Z
"""


def test_every_section_waives_its_kind_of_finding() -> None:
    first, bundle, iac, secret, licence = read(YAML, ".trivyignore.yaml")
    assert (first.ids, first.packages, first.until) == (
        ("CVE-2022-40897",),
        ("pkg:pypi/setuptools@65.5.0",),
        date(2026, 6, 29),
    )
    assert (first.reason, first.origin.line) == ("Accept the risk", 2)
    assert "usr/local/lib/python3/METADATA" in first.scope
    assert "usr/lib/METADATA" not in first.scope
    assert bundle.ids == ("DLA-3000-1",)
    assert (iac.rules, iac.categories) == (("trivy/AVD-DS-0001",), (Category.IAC,))
    assert (secret.rules, secret.categories) == (("trivy/aws-access-key-id",), (Category.SECRET,))
    assert (licence.rules, licence.categories, licence.until) == (
        ("trivy/GPL-3.0",),
        (Category.LICENSE,),
        date(2026, 6, 30),
    )


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("vulnerabilities:\n- id: CVE-1\n  path: x\n", "`vulnerabilities[0].path` is no key", 3),
        ("vulnerabilities:\n- paths: [x]\n", "`vulnerabilities[0].id` is missing", 2),
        ("vulnerabilities:\n- id: 7\n", "`vulnerabilities[0].id` is no text", 2),
        ("vulnerabilities:\n- CVE-2021-0001\n", "`vulnerabilities[0]` is no mapping", 2),
        ("vulnerabilities: CVE-2021-0001\n", "`vulnerabilities` is no list", 1),
        ("secrets:\n- id: x\n  purls: ['pkg:pypi/x']\n", "`secrets[0].purls` counts for vulnerabilities only", 3),
        ("vulnerabilities:\n- id: x\n  purls:\n  - y\n", "`vulnerabilities[0].purls[0]` is no package URL", 4),
        ("secrets:\n- id: x\n  paths:\n  - ../y\n", "`secrets[0].paths` holds no glob", 4),
        ("secrets:\n- id: x\n  expired_at: soon\n", "`secrets[0].expired_at` is no day", 3),
        ("secrets:\n- id: x\n  statement: [y]\n", "`secrets[0].statement` is no text", 3),
        ("secrets:\n- id: x\n  id: y\n", "`id` is given twice", 3),
        ("secrets:\nother:\n", "`other` is no key", 2),
        ("secrets:\n- id: [\n", "this is not YAML", 3),
        ("secrets: " + "[" * 1500, "the file is nested too deeply", None),
        ("secrets:\n# " + "x" * 300_000, "is larger than", None),
    ],
)
def test_a_mistake_in_the_yaml_is_named_with_its_line(text: str, said: str, line: int | None) -> None:
    reason, at = refused_yaml(text)
    assert reason.startswith(said)
    assert at == line


def test_empty_sections_waive_nothing() -> None:
    assert read("vulnerabilities:\nsecrets: []\n", ".trivyignore.yaml") == ()


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.dates(date(1900, 1, 2), date(2900, 1, 1)) | st.none()), max_size=20)
)
@settings(max_examples=50)
def test_every_entry_of_a_list_comes_out_with_its_day(entries: list[tuple[int, date | None]]) -> None:
    lines = [f"CVE-2020-{number:07}{f' exp:{day}' if day else ''}" for number, day in entries]
    waivers = read("\n".join(lines))
    assert [one.ids[0] for one in waivers] == [line.split()[0] for line in lines]
    assert [one.until and one.until.toordinal() + 1 for one in waivers] == [
        day and day.toordinal() for _, day in entries
    ]
