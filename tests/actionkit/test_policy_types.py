"""What policy files are made of: a value that is none of its kind is told with its line and a fix."""

from __future__ import annotations

from datetime import date

import pytest

from actionkit.config import load_config
from actionkit.errors import UsageError
from actionkit.policy_types import Day, Glob, Globs, Part, Reason


class Waived(Part):
    """A part that uses every type."""

    paths: Globs
    until: Day
    reason: Reason
    ignore: tuple[Glob, ...] = ()


GOOD = "paths: src/**\nuntil: 2027-03-31\nreason: ' legacy '\n"


def load(text: str) -> Waived:
    return load_config("policy.yml", text.encode(), Waived)


def test_one_glob_stands_for_a_list_of_one() -> None:
    waived = load(GOOD + "ignore: ['!gen/**']\n")
    assert (waived.paths, waived.ignore) == (("src/**",), ("!gen/**",))
    assert (waived.until, waived.reason) == (date(2027, 3, 31), "legacy")


@pytest.mark.parametrize(
    ("good", "bad", "line", "fix"),
    [
        ("2027-03-31", "2027-02-30", 2, "Write a day such as `2027-03-31`."),
        ("2027-03-31", "31.3.2027", 2, "Write a day such as `2027-03-31`."),
        ("' legacy '", "' '", 3, "Say why, for whoever reads it later."),
        ("reason", "raeson", 3, "Write `reason`."),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_a_fix(good: str, bad: str, line: int, fix: str) -> None:
    with pytest.raises(UsageError) as wrong:
        load(GOOD.replace(good, bad))
    assert (line, fix) in [(complaint.line, complaint.fix) for complaint in wrong.value.complaints]


@pytest.mark.parametrize("paths", ["[]", "../up", "7"])
def test_what_is_no_list_of_globs_is_refused(paths: str) -> None:
    with pytest.raises(UsageError, match="paths"):
        load(GOOD.replace("src/**", paths))
