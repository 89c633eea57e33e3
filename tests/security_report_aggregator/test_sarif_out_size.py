"""A merged SARIF that would be larger than GitHub takes, and what becomes of it."""

from __future__ import annotations

import gzip
import random
from typing import Any

import pytest
from tests.security_report_aggregator.sarif_at_hand import accepted, finding, merged, runs_of, weakness

from security_report_aggregator.model import Level, Rule, Weakness
from security_report_aggregator.sarif_limits import Limits
from security_report_aggregator.sarif_size import packed

RANDOM = random.Random(7)
LEVELS = (Level.CRITICAL, Level.HIGH, Level.MEDIUM, Level.UNKNOWN, Level.LOW)


def noise(length: int) -> str:
    """Text that packs badly."""
    return "".join(RANDOM.choices("abcdefghijklmnopqrstuvwxyz0123456789 ", k=length))


def flows() -> dict[str, Any]:
    place = {"physicalLocation": {"artifactLocation": {"uri": "a.py"}}}
    return {"relatedLocations": [place | {"message": {"text": noise(600)}}]}


MANY: tuple[Weakness, ...] = tuple(
    weakness(finding(tool, Rule(f"R{at}", description=noise(300)), level, message=noise(300), flows=flows(), line=at))
    for tool in ("bandit", "semgrep")
    for at, level in enumerate(LEVELS, start=1)
)
HELPLESS = tuple(
    weakness(finding(rule="R", message=noise(600), level=level, line=at)) for at, level in enumerate(LEVELS)
)


def size(data: bytes) -> int:
    return len(gzip.compress(data, mtime=0))


def limits(bytes_: int) -> Limits:
    return Limits(gzip_bytes=bytes_)


def test_what_fits_is_whole() -> None:
    made = merged(*MANY)
    assert (made.results, made.repairs) == (10, ())
    assert merged(*MANY, limits=limits(size(made.data))).data == made.data


def test_flows_go_first_then_help_then_the_least_severe() -> None:
    whole = merged(*MANY)
    slim = merged(*MANY, limits=limits(size(whole.data) - 1))
    assert [one.split(" are left out")[0] for one in slim.repairs] == ["data flows and related places"]
    assert b"relatedLocations" not in slim.data
    assert slim.results == 10

    helpless = merged(*MANY, limits=limits(size(slim.data) - 1))
    assert [one.split(" left out")[0] for one in helpless.repairs][1:] == ["the help of rules is"]
    assert b'"help"' not in helpless.data
    assert helpless.results == 10

    cut = merged(*MANY, limits=limits(size(helpless.data) - 1))
    assert cut.repairs[2].startswith("the least severe results are left out")
    assert size(cut.data) < size(helpless.data)
    levels = [[result["level"] for result in run["results"]] for run in runs_of(cut)]
    assert levels[0][:4] == ["error", "error", "warning", "warning"]
    assert "note" not in levels[1]
    assert cut.results == sum(map(len, levels)) < 10


@pytest.mark.parametrize("bytes_", [900, 1500, 2500, 4000])
def test_whatever_the_limit_the_worst_stay_and_it_is_kept_to(bytes_: int) -> None:
    made = merged(*MANY, limits=limits(bytes_))
    accepted(made.data)
    assert size(made.data) <= bytes_
    kept = [len(run["results"]) for run in runs_of(made)]
    assert sum(kept) == made.results
    assert kept[0] - kept[1] in (0, 1)


def test_findings_without_flows_lose_none() -> None:
    whole = merged(*HELPLESS)
    made = merged(*HELPLESS, limits=limits(size(whole.data) - 1))
    assert "data flows" not in " ".join(made.repairs)


def test_a_document_beyond_what_is_written_is_cut_like_one_beyond_what_is_sent() -> None:
    whole = merged(*MANY)
    made = merged(*MANY, limits=Limits(document=len(whole.data) // 4))
    accepted(made.data)
    assert 0 < made.results < 10
    assert len(made.data) <= len(whole.data) // 4 + 10


def test_an_upload_too_small_for_anything_still_ends() -> None:
    made = merged(*MANY, limits=limits(10))
    assert made.results == 0


def test_the_size_is_that_of_the_upload_where_it_is_near_the_limit() -> None:
    data = (noise(3000) + "a" * 100_000).encode()
    assert packed(data, len(data)) == len(data)
    assert packed(data, size(data)) == pytest.approx(size(data), abs=20)
    assert packed(data, 100) == pytest.approx(size(data), abs=20)
