"""The README of security-report-aggregator: its tables and numbers are those of the code."""

from __future__ import annotations

import re
import shlex

import pytest
from tests.docs.pages import ROOT, blocks, codes, section, table

from actionkit import envelope, search
from actionkit.annotations import PER_LEVEL
from actionkit.base import ANCESTORS
from actionkit.commit_index import KEPT
from actionkit.config import CONFIG_LIMIT
from actionkit.github.comments import BODY_LIMIT
from security_report_aggregator import (
    diagnosis,
    documents,
    gate,
    gather,
    licenses,
    lookup,
    readers,
    record,
    sarif_limits,
    score,
    severity,
    told,
    tools,
    trunk,
    upload,
    waiver_review,
)
from security_report_aggregator.evidence import Baseline, Known
from security_report_aggregator.ignores import FORMATS
from security_report_aggregator.model import Category, Level
from security_report_aggregator.policies import DEFAULT_PATH

NAME = lookup.NAME
PAGE = ROOT / "actions" / NAME / "README.md"
TEXT = PAGE.read_text(encoding="utf-8")
COMMANDS = table(PAGE, "### Commands that write the reports")
MIB = 1024 * 1024
HIDING = ("|| true", "2>/dev/null", "2> /dev/null")
"""What hides a crash."""

TOOLS = {"npm-audit": ("npm-audit", "pnpm-audit"), "clair": ("clair", "klar"), "snyk": ("snyk", "snyk-iac")}
"""Formats that go by more names than one."""


def plain(heading: str) -> str:
    return " ".join(section(PAGE, heading).split())


# Formats and the commands that write them


def test_the_formats_are_those_that_are_read_and_told_in_one_place() -> None:
    listed = [codes(row[0])[0] for row in table(PAGE, "## Formats")]
    assert sorted(listed) == sorted(reader.name for reader in readers.READERS)


def test_every_format_but_an_empty_list_has_a_command_that_writes_it() -> None:
    by_hand = {"sonarqube"}  # a recipe of its own
    written = {codes(row[2])[0] for row in COMMANDS}
    assert written | by_hand == {reader.name for reader in readers.READERS} - {"empty"}
    assert "### SonarQube" in TEXT


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row[0])
def test_a_command_writes_a_report_that_is_known_by_its_name_and_hides_no_crash(row: list[str]) -> None:
    (command,) = codes(row[1].replace("\\|", "|"))
    assert not any(hidden in command for hidden in HIDING)
    [*_, last] = (word for word in shlex.split(command) if "reports/" in word or word == "zap.json")
    path, read_as = last.partition("=")[2] or last, codes(row[2])[0]
    if read_as == "sarif":
        assert path.endswith(".sarif")
        assert tools.hinted(path)
    else:
        assert tools.hinted(path) in TOOLS.get(read_as, (read_as,))


def test_the_options_that_a_message_names_are_those_of_the_commands() -> None:
    """`is the table of Grype, made for people: run it with -o json`, and so does the page."""
    commands = "\n".join(row[1].replace("\\|", "|") for row in COMMANDS)
    known = (*(printed.instead for printed in diagnosis.PRINTED), *(native.instead for native in diagnosis.NATIVE))
    spelled = {"-f json": ("-f json", "--format json"), "--output json": ("--output json",), "-J report.json": ("-J ",)}
    for instead in known:
        first = instead.removesuffix(" --report-path report.json")
        assert any(form in commands for form in spelled.get(first, (first, first.replace("=", " ")))), instead


def test_the_usual_places_are_those_that_are_looked_at() -> None:
    said = plain("## Inputs")
    for folder in gather.USUAL_FOLDERS:
        assert f"`{folder}`" in said if folder else "at the top" in said


# The policy


def test_the_policy_file_is_where_the_action_looks() -> None:
    assert f"`{DEFAULT_PATH}`" in section(PAGE, "## Policy file")


def test_every_rule_is_told_in_the_order_it_is_held() -> None:
    rows = [row[0].strip("`") for row in table(PAGE, "## How it judges")]
    assert rows == ["evidence", *(rule.__name__.removeprefix("allowed_") for rule in gate.RULES)]


def test_the_ratings_of_licences_are_those_the_policy_gives() -> None:
    rated = {standing.name: found.level.value for standing, found in licenses._RATED.items()}
    assert rated == {"DENIED": "high", "NOT_ALLOWED": "medium", "UNREAD": "unknown"}
    said = plain("### Licences")
    assert "A denied licence is `high`, one that is not allowed `medium`" in said
    assert "a text that SPDX does not know `unknown`" in said


def test_the_bands_of_scores_are_those_of_the_code() -> None:
    said = plain("## How it judges")
    bands = {word: float(lowest) for lowest, word in re.findall(r"from (\d\.\d) (critical|high|medium)", said)}
    assert set(bands) == {"critical", "high", "medium"}
    for word, lowest in bands.items():
        assert severity.by_score(lowest, "").level is Level(word)
        assert severity.by_score(lowest - 0.1, "").level.rank == Level(word).rank - 1
    for word in ("informational", "negligible"):
        assert severity.by_word(word, "").level is Level.LOW


def test_the_ignore_files_are_those_that_are_read() -> None:
    said = plain("### Waivers, ignore files, VEX")
    (listed,) = re.findall(r"Read are (.*?) as above\.", said)
    assert len(FORMATS) == len(listed.replace(", and a list", ", a list").split(", "))
    assert waiver_review.LONGEST.days == 366
    assert "lasts for more than a year" in said


# Score


def test_the_score_is_made_as_the_tables_say() -> None:
    heading = "## Score and grade"
    rows = [[cell.strip() for cell in row] for row in table(PAGE, heading)]
    assert rows == [[w.level.value, str(w.points), str(w.at_most), str(w.ceiling)] for w in score.WEIGHTS]
    after = section(PAGE, heading).partition("| Grade |")[2]
    grades = re.findall(r"^\| ([A-F]) \| (\d+) \|$", after, re.MULTILINE)
    assert grades == [(grade, str(lowest)) for grade, lowest in score.GRADES]


def test_the_example_of_a_score_is_right() -> None:
    said = plain("## Score and grade")
    found = re.search(r"For example (.*?) give (\d+), grade ([A-F])", said)
    assert found
    counts = {Level(word): int(number) for number, word in re.findall(r"(\d+) (\w+)", found[1])}
    assert len(counts) == 3
    assert score.score(counts) == score.Score(int(found[2]), found[3])


# Privacy, limits


def test_a_record_holds_what_the_page_says_and_no_more() -> None:
    known = Known("ab" * 12, Category.DEPENDENCY, Level.HIGH, ("trivy",))
    kept = record.document(Baseline("c" * 40, 1.0, {known.id: known}, {"trivy": 1}))
    assert kept.pop("known") == {known.id: ["dependency", "high", 0]}
    assert set(kept) == {"schema", "kind", "sha", "recorded_at", "tools", "scanners"}
    assert "a hash, its category, its level and the names of the scanners" in plain("## Privacy")


def test_the_limits_are_those_of_the_code() -> None:
    limits = plain("## Limits")
    for said in (
        f"up to {documents.FILE_LIMIT // MIB} MiB each",
        f"archives of up to {documents.MEMBER_LIMIT:,} files",
        f"at most {documents.RATIO_LIMIT} times",
        f"looks at {search.ENTRIES:,} files and folders",
        f"Policy files up to {CONFIG_LIMIT // 1024} KiB",
        f"ignore files up to {gather.IGNORE_FILE_LIMIT // MIB} MiB",
        f"outcome files up to {envelope.OUTCOME_LIMIT // MIB} MiB",
        f"lists {told.MOST_FINDINGS:,} findings",
        f"the last {ANCESTORS} commits before the base",
        f"the last {KEPT:,} records",
        f"{sarif_limits.GITHUB.gzip_bytes:,} bytes packed",
        f"{sarif_limits.GITHUB.runs} runs",
        f"{sarif_limits.GITHUB.results:,} results a run, of which GitHub shows {sarif_limits.GITHUB.kept_results:,}",
        f"up to {sum(upload.ASKED_AFTER)} seconds",
        f"{PER_LEVEL} annotations per level and step",
        f"cut at {BODY_LIMIT:,} characters",
        f"{number(trunk.ASKED)} files of the base branch",
    ):
        assert said in limits, said


def number(count: int) -> str:
    return ("no", "one", "two", "three")[count]


def test_a_first_block_expects_the_scanners_it_runs() -> None:
    first = blocks(PAGE, "yaml")[0].content
    expected = first.partition("expected: |")[2].split("fail-on")[0].split()
    assert expected == ["bandit", "pip-audit"]
    for tool in expected:
        assert f"reports/{tool}.json" in first
