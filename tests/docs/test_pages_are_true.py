"""Links lead somewhere, commands exist, and what all actions have in common is told as it is, and in one order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from tests.docs.pages import ACTION_PAGES, PAGES, ROOT, Block, codes, every, section, table

from actionkit import inputs
from actionkit.outcome import Verdict
from maintain.actions import ACTIONS

README = ROOT / "README.md"
BY_NAME = {action.name: action for action in ACTIONS}


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
        case [name, *flags] if name in BY_NAME:
            texts, complaints = inputs.given(BY_NAME[name].inputs, name, flags, {})
            assert not complaints
            inputs.parse(BY_NAME[name].inputs, texts)
        case _:
            pytest.fail(f"nobody checks {words}")


# Lists and numbers


VERDICTS = [(README, "## What every action has in common"), *((page, "## Verdicts") for page in ACTION_PAGES)]


@pytest.mark.parametrize(("page", "heading"), VERDICTS, ids=lambda given: getattr(given, "parent", given))
def test_the_verdicts_are_all_four_with_their_exit_codes(page: Path, heading: str) -> None:
    known = {verdict.value: str(verdict.exit_code) for verdict in Verdict}
    assert {codes(row[0])[0]: row[2] for row in table(page, heading)} == known


def test_every_action_has_a_page_and_the_first_page_leads_to_it() -> None:
    assert [page.parent.name for page in ACTION_PAGES] == sorted(BY_NAME)
    linked = re.findall(
        r"^\| \[`([\w-]+)`\]\(actions/([\w-]+)/README\.md\)", README.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert linked == [(name, name) for name in BY_NAME]


@pytest.mark.parametrize("page", ACTION_PAGES, ids=lambda page: page.parent.name)
def test_the_events_are_those_of_the_action(page: Path) -> None:
    said = codes(section(page, "## Events").strip().split("\n\n")[0])
    assert said == list(BY_NAME[page.parent.name].events)


@pytest.mark.parametrize("page", ACTION_PAGES, ids=lambda page: page.parent.name)
def test_an_action_page_has_everything_a_user_looks_for_in_order(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = [
        "## Inputs",
        "## Outputs",
        "## Verdicts",
        "## Permissions",
        ("## Formats", "## Targets"),
        ("## Policy file", "## Config file", "## Plan file"),
        "## Recipes",
        "### Pull requests from forks",
        "## How it judges",
        "## When it says `incomplete` or `error`",
        "## Limits",
        "## Versions",
    ]
    places = [max(text.find(f"\n{name}\n") for name in ((one,) if isinstance(one, str) else one)) for one in headings]
    assert -1 not in places
    assert places == sorted(places)
    first, *_ = text.split("\n\n")[1:]
    assert first.count(". ") == 0, "one sentence says what it is for"
    assert text.index("```yaml") < text.index("\n## ")
    assert "permissions:" in text[: text.index("\n## ")]
