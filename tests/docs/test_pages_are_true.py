"""Links lead somewhere, commands exist, and numbers and lists on the pages are those of the code."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from tests.docs.pages import ACTION_PAGES, PAGES, ROOT, Block, codes, every, section, table

from actionkit import envelope, inputs, search
from actionkit.annotations import PER_LEVEL
from actionkit.base import ANCESTORS
from actionkit.config import CONFIG_LIMIT
from actionkit.github.comments import BODY_LIMIT
from actionkit.outcome import Verdict
from coverage_gate import baseline, changes, readers
from coverage_gate.action import ACTION
from coverage_gate.gather import USUAL_NAMES
from coverage_gate.inputs import FORMATS
from coverage_gate.model import LINE_LIMIT
from coverage_gate.readers.source import SIZE_LIMIT

README = ROOT / "README.md"
GATE = ROOT / "actions" / "coverage-gate" / "README.md"
MIB = 1024 * 1024


# Links and commands


def anchors(page: Path) -> set[str]:
    """The anchors GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


def commands(block: Block) -> list[list[str]]:
    lines = (line.split("#")[0].strip() for line in block.content.splitlines())
    return [shlex.split(line) for line in lines if line]


ALL_COMMANDS = [
    pytest.param(words, id=f"{block}: {' '.join(words)}") for block in every("console") for words in commands(block)
]


@pytest.mark.parametrize("words", ALL_COMMANDS)
def test_every_command_exists_with_its_flags(words: list[str]) -> None:
    match words:
        case ["make", target]:
            assert re.search(rf"^{re.escape(target)}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        case ["pip", "install", "."] | ["git", "clone", *_] | ["bash", ".ci/run"]:
            assert (ROOT / "pyproject.toml").exists()
        case ["python" | ".venv/bin/python", "-m", module, *_]:
            assert (ROOT / "shared" / (module.replace(".", "/") + ".py")).is_file()
        case ["coverage-gate", *flags]:
            texts, complaints = inputs.given(ACTION.inputs, ACTION.name, flags, {})
            assert not complaints
            inputs.parse(ACTION.inputs, texts)
        case _:
            pytest.fail(f"nobody checks {words}")


# Lists and numbers


def test_the_verdicts_are_all_four_with_their_exit_codes_on_both_pages() -> None:
    known = {verdict.value: str(verdict.exit_code) for verdict in Verdict}
    for page, heading in ((README, "## What every action has in common"), (GATE, "## Verdicts")):
        assert {codes(row[0])[0]: row[2] for row in table(page, heading)} == known


def test_the_formats_are_those_that_are_read() -> None:
    listed = [codes(row[0])[0] for row in table(GATE, "## Formats")]
    assert sorted(listed) == sorted(set(FORMATS) - {"auto"}) == sorted(reader.name for reader in readers.READERS)


def test_the_events_are_those_of_the_action() -> None:
    assert codes(section(GATE, "## Events").strip().split("\n\n")[0]) == list(ACTION.events)


def test_the_limits_are_those_of_the_code() -> None:
    limits = " ".join(section(GATE, "## Limits").split())
    for said in (
        f"up to {SIZE_LIMIT // MIB} MiB each",
        f"line numbers up to {LINE_LIMIT:,}",
        f"policy files up to {CONFIG_LIMIT // 1024} KiB",
        f"outcome files up to {envelope.OUTCOME_LIMIT // MIB} MiB",
        f"looks at {search.ENTRIES:,} files and folders",
        f"the last {ANCESTORS} commits before the base",
        f"the last {baseline.KEPT:,} records",
        f"up to {changes.MOST_FILES:,} files of a pull request",
        f"{PER_LEVEL} annotations per level and step",
        f"cut at {BODY_LIMIT:,} characters",
    ):
        assert said in limits, said


def test_the_reports_of_the_recipes_are_found_by_name_or_named() -> None:
    """Where a recipe's tool writes its usual file, leaving `reports` out would find it too."""
    text = GATE.read_text(encoding="utf-8")
    for name in ("coverage-final.json", "cover.out", "jacoco.xml", "jacocoTestReport.xml", ".resultset.json",
                 "coverage.cobertura.xml", "coverage.json", "lcov.info", "clover.xml"):  # fmt: skip
        assert name in text
        assert name in USUAL_NAMES


@pytest.mark.parametrize("page", ACTION_PAGES, ids=lambda page: page.parent.name)
def test_an_action_page_has_everything_a_user_looks_for_in_order(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = [
        "## Inputs",
        "## Outputs",
        "## Permissions",
        "## Recipes",
        "### Pull requests from forks",
        "## How it judges",
        "## When it says `incomplete` or `error`",
        "## Limits",
        "## Versions",
    ]
    places = [text.find(f"\n{heading}\n") for heading in headings]
    assert -1 not in places
    assert places == sorted(places)
    first, *_ = text.split("\n\n")[1:]
    assert first.count(". ") == 0, "one sentence says what it is for"
    assert text.index("```yaml") < text.index("\n## ")
    assert "permissions:" in text[: text.index("\n## ")]
