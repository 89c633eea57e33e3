from __future__ import annotations

import pytest
from tests.security_report_aggregator.readers.reports_at_hand import made

from actionkit.errors import Unreadable
from security_report_aggregator.readers.empty import READER


@pytest.mark.parametrize("content", ["[]", "null", " [ ]".replace(" ", ""), "\n[]\r\n", "null\n"])
def test_an_empty_list_and_null_are_a_clean_report(content: str) -> None:
    document = made(content, "out/gitleaks.json")
    assert READER.recognises(document)
    (scan,) = READER.read(document)
    assert (scan.tool, scan.records, scan.complete, scan.notes) == ("gitleaks", 0, True, ())


@pytest.mark.parametrize("content", ["[ ]", "{}", "", "[[]]", "nullx", "[]" + " " * 2000, "0"])
def test_nothing_else_is(content: str) -> None:
    assert not READER.recognises(made(content))


@pytest.mark.parametrize(
    ("name", "label", "tool"),
    [
        ("gitleaks.json", "TruffleHog3", "trufflehog"),
        ("pip_audit/report.json", "", "pip-audit"),
        ("report.json", "", "unknown"),
        ("gitleaks-and-trivy.json", "", "unknown"),
    ],
)
def test_the_label_names_the_scanner_before_the_path_does(name: str, label: str, tool: str) -> None:
    (scan,) = READER.read(made("[]", name, label))
    assert scan.tool == tool
    assert bool(scan.notes) == (tool == "unknown")
    assert all("tool=glob" in note for note in scan.notes)


@pytest.mark.parametrize(
    ("content", "name", "label", "said"),
    [
        ("[]\n", "reports/bandit.json", "", "is `[]`, which bandit never writes"),
        ("null", "out/report.json", "OSV", "is `null`, which osv-scanner never writes"),
    ],
)
def test_an_empty_list_in_place_of_a_report_that_is_always_an_object_is_not_clean(
    content: str, name: str, label: str, said: str
) -> None:
    with pytest.raises(Unreadable) as error:
        READER.read(made(content, name, label))
    assert said in error.value.reason
