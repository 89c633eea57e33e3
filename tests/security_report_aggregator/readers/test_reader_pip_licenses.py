from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.security_report_aggregator.readers.reports_at_hand import (
    made,
    mutated,
    opened,
    reads_or_refuses,
    real,
    refusal_of,
    scan_of,
)

from security_report_aggregator.model import Licensed, Package
from security_report_aggregator.readers.empty import READER as EMPTY
from security_report_aggregator.readers.pip_licenses import READER

RICH = Licensed(Package("pypi", "rich", "15.0.0"), "MIT License")
JSON = [{"License": "MIT License", "Name": "rich", "Version": "15.0.0"}]
ALL = {
    "License-Classifier": "MIT License",
    "License-Expression": "MIT",
    "License-Metadata": "MIT-ish",
    "Name": "rich",
    "Version": "15.0.0",
}
CSV = '"Name","Version","License"\n"rich","15.0.0","MIT License"\n'
MARKDOWN = "| Name | Version | License     |\n|------|---------|-------------|\n| rich | 15.0.0  | MIT License |\n"


@pytest.mark.parametrize(("path", "records"), [one for one in real("pip-licenses") if "summary" not in str(one.id)])
def test_every_real_report_gives_the_number_of_its_packages(path: Path, records: int) -> None:
    document = opened(path)
    (reader,) = [reader for reader in (READER, EMPTY) if reader.recognises(document)]
    (scan,) = reader.read(document)
    assert (scan.tool, scan.records, scan.findings, scan.complete) == ("pip-licenses", records, (), True)
    assert all(package.name and package.version for package, _ in scan.licensed)


@pytest.mark.parametrize("report", [JSON, CSV, CSV.replace("\n", "\r\n"), CSV.replace('"', ""), MARKDOWN])
def test_all_forms_say_the_same(report: object) -> None:
    assert scan_of(READER, report).licensed == (RICH,)


@pytest.mark.parametrize("table", [CSV, MARKDOWN])
def test_a_table_whose_last_line_does_not_end_is_incomplete(table: str) -> None:
    scan = scan_of(READER, table.removesuffix("\n"))
    assert (scan.records, scan.gaps) == (1, ("its last line does not end, as if it was cut off",))


@pytest.mark.parametrize("table", [CSV, MARKDOWN])
def test_the_header_of_a_second_table_is_no_package(table: str) -> None:
    assert scan_of(READER, table + table).licensed == (RICH, RICH)


@pytest.mark.parametrize(
    ("changes", "licence"),
    [
        ({}, "MIT"),
        ({"License-Expression": "UNKNOWN"}, "MIT-ish"),
        ({"License-Expression": "UNKNOWN", "License-Metadata": "UNKNOWN"}, "MIT License"),
        (dict.fromkeys(("License-Expression", "License-Metadata", "License-Classifier"), "UNKNOWN"), ""),
        ({"License-Expression": None, "License-Metadata": " "}, "MIT License"),
    ],
)
def test_of_several_sources_the_best_known_one_counts(changes: dict[str, object], licence: str) -> None:
    assert [one.license for one in scan_of(READER, [ALL | changes]).licensed] == [licence]


def test_a_licence_text_may_go_over_lines() -> None:
    scan = scan_of(
        READER, '"Name","Version","License","LicenseText"\n"rich","1","MIT","line\nline"\n"idna","2","BSD",""\n'
    )
    assert [one.package.name for one in scan.licensed] == ["rich", "idna"]


def test_a_bar_in_a_markdown_cell_ends_it_only_unescaped() -> None:
    scan = scan_of(READER, MARKDOWN.replace("MIT License", "MIT \\| BSD"))
    assert scan.licensed[0].license == "MIT | BSD"


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        ([{"Count": 3, "License": "MIT"}], "without `--summary`"),
        ([*JSON, {"License": "MIT", "Version": "1"}], "without `Name`"),
        ([*JSON, "x"], "`[1]` is no object"),
        (CSV + "\n\n" + "idna\n", ":5: has a row of 1 cells"),
        (CSV + '"idna","3"\n', ":3: has a row of 2 cells under 3 columns"),
        (CSV + '"idna","3","BSD', "is no CSV table"),
        (CSV + f'"idna","3","{"B" * 200_000}"\n', "`--format=json` writes what always can"),
        (CSV.encode() + b'"idna","3","B\xe9D"\n', ":3: is not UTF-8 text"),
        (MARKDOWN + "| idna | 3 |\n", ":4: has a row of 2 cells"),
    ],
)
def test_what_cannot_be_read_is_refused_and_not_lost(report: object, reason: str) -> None:
    assert reason in refusal_of(READER, report)


@pytest.mark.parametrize(
    "other",
    [
        [],
        {"Name": 1},
        "Name,License\n",
        "|a|\n",
        '"\n',
        "",
        [{"Name": "x", "Version": "y"}],
        " Name  Version  License\n",
        "a\rb",
    ],
)
def test_other_documents_are_not_taken_for_pip_licenses(other: object) -> None:
    assert not READER.recognises(made(other))


@given(mutated([JSON, [ALL, ALL], CSV.encode(), MARKDOWN.encode()]))
@settings(max_examples=50)
def test_damage_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)
