"""Every generated document is what the typed inputs say, and a stale one is named."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
import yaml

from actionkit import envelope, inputs
from coverage_gate.action import ACTION
from maintain import generate
from maintain.actions import ACTIONS

README = Path("actions/coverage-gate/README.md")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house with every generated document as it should be."""
    for path, text in generate.documents(generate.ROOT):
        copy = tmp_path / path.relative_to(generate.ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, encoding="utf-8")
    return tmp_path


def test_the_documents_of_this_repository_are_what_the_typed_inputs_say(capsys: pytest.CaptureFixture[str]) -> None:
    code = generate.main(["--check"])
    assert code == 0, capsys.readouterr().out


def test_a_house_in_order_is_clean_and_nothing_is_written(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in house.rglob("*")}
    assert generate.main(["--check"], house) == 0
    assert generate.main([], house) == 0
    assert capsys.readouterr().out == ""
    assert {path: path.stat().st_mtime_ns for path in house.rglob("*")} == before


@pytest.mark.parametrize(
    "name",
    [
        "actions/coverage-gate/action.yml",
        "actions/coverage-gate/action-types.yml",
        "actions/coverage-gate/config.schema.json",
        "actions/smoke-test/plan.schema.json",
        "action-catalog.md",
        "shared/actionkit/outcome.schema.json",
    ],
)
def test_a_stale_or_missing_file_is_named_and_mended(
    house: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = (house / name).read_text(encoding="utf-8")
    for spoil in (lambda path: path.write_text("stale\n"), lambda path: path.unlink()):
        spoil(house / name)
        assert generate.main(["--check"], house) == 1
        assert capsys.readouterr().out == f"differs: {name}\nRun `make generate` and commit what it writes.\n"
        assert generate.main([], house) == 0
        assert capsys.readouterr().out == f"written: {name}\n"
        assert (house / name).read_text(encoding="utf-8") == wanted


def test_only_what_stands_between_the_markers_of_a_readme_is_replaced(house: Path) -> None:
    readme = house / README
    wanted = readme.read_text(encoding="utf-8")
    readme.write_text("Before.\n" + wanted.replace("| `fail-under` |", "| `fail_under` |") + "After.\n")
    assert generate.main(["--check"], house) == 1
    assert generate.main([], house) == 0
    assert readme.read_text(encoding="utf-8") == "Before.\n" + wanted + "After.\n"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("<!-- generated:inputs -->", ""),
        lambda text: text.replace("<!-- /generated:inputs -->", ""),
        lambda text: text + "<!-- generated:inputs -->\n",
        lambda text: "<!-- /generated:inputs -->\n" + text.replace("<!-- /generated:inputs -->", ""),
    ],
    ids=["no start", "no end", "two starts", "end before start"],
)
def test_a_readme_without_its_markers_is_told_which_to_add(house: Path, spoil: object) -> None:
    readme = house / README
    assert callable(spoil)
    readme.write_text(spoil(readme.read_text(encoding="utf-8")))
    with pytest.raises(SystemExit) as left:
        generate.main(["--check"], house)
    assert str(left.value) == (
        f"{readme}: needs one `<!-- generated:inputs -->` and after it one `<!-- /generated:inputs -->`"
    )


def test_a_missing_readme_is_named(house: Path) -> None:
    (house / README).unlink()
    with pytest.raises(SystemExit, match=r"README\.md: needs one `<!-- generated:inputs -->`"):
        generate.main([], house)


def test_action_yml_states_every_input_with_its_default_and_keeps_hyphens_by_an_entrypoint() -> None:
    document = yaml.safe_load(generate.action_yml(ACTION))
    declared = inputs.declared(ACTION.inputs)
    assert list(document["inputs"]) == list(declared)
    assert {name: stated["default"] for name, stated in document["inputs"].items()} == {
        name: known.default for name, (_, known) in declared.items()
    }
    assert document["runs"]["entrypoint"] == "/usr/local/bin/coverage-gate"
    assert list(document["outputs"])[:3] == ["verdict", "headline", "outcome"]


def test_the_typed_contract_knows_choices_numbers_lists_and_booleans() -> None:
    document = yaml.safe_load(generate.action_types_yml(ACTION))
    kinds = {name: stated["type"] for name, stated in document["inputs"].items()}
    assert document["inputs"]["mode"] == {"type": "enum", "allowed-values": ["enforce", "report"]}
    assert document["outputs"]["verdict"]["allowed-values"] == ["pass", "fail", "error", "incomplete"]
    assert (kinds["fail-under"], kinds["reports"], kinds["replay"], kinds["badge"]) == (
        "float", "list", "boolean", "string"
    )  # fmt: skip
    assert document["outputs"]["lines-total"]["type"] == "integer"


def test_tables_escape_what_would_end_a_cell() -> None:
    for table in (generate.inputs_table(ACTION), generate.outputs_table(ACTION), generate.catalog()):
        rows = [line for line in table.splitlines() if line.startswith("|")]
        assert len({line.replace("\\|", "").count("|") for line in rows}) == 1


def test_every_key_of_the_policy_file_is_in_its_table_with_a_meaning() -> None:
    rows = [line.split(" | ") for line in generate.config_table(ACTION).splitlines()[2:]]
    keys = [row[0].strip("| `") for row in rows]
    assert {"fail_under", "suites.<name>.reports", "components[].paths", "waivers[].until", "new_files.fail_under"} <= {
        *keys
    }
    assert len(keys) == len(set(keys))
    assert all(row[1].strip(" |") for row in rows)


def test_the_keys_of_one_thing_are_told_once_and_named_wherever_it_stands_again() -> None:
    (smoke_test,) = (action for action in ACTIONS if action.name == "smoke-test")
    rows = generate.config_table(smoke_test).splitlines()
    assert len([row for row in rows if "setup[].request.url" in row]) == 1
    assert not [row for row in rows if "finally[]" in row or "steps[]." in row]
    assert [row for row in rows if row.startswith("| `finally` |") and row.endswith(" Keys as in `setup[]`. |")]


def test_an_action_without_a_config_file_has_no_table_of_its_keys(house: Path) -> None:
    without = dataclasses.replace(ACTION, config=None)
    with pytest.raises(ValueError, match="coverage-gate has no config file"):
        generate.config_table(without)
    readme = house / README
    text = readme.read_text(encoding="utf-8")
    readme.write_text(text[: text.index("<!-- generated:config -->")], encoding="utf-8")
    names = {path.name for path, _ in generate.documents(house, (without,))}
    assert names == {"action.yml", "action-types.yml", "README.md", "action-catalog.md", "outcome.schema.json"}


def test_a_secret_is_called_one_and_its_default_is_the_expression_only() -> None:
    assert "| `github-token` | secret | `${{ github.token }}` |" in generate.inputs_table(ACTION)


def test_the_published_outcome_schema_is_the_one_that_is_checked_against() -> None:
    path = generate.ROOT / "shared" / "actionkit" / "outcome.schema.json"
    assert json.loads(path.read_text(encoding="utf-8")) == envelope.schema()


def test_every_action_has_its_documents(tmp_path: Path) -> None:
    shutil.copytree(generate.ROOT / "actions", tmp_path / "actions", ignore=shutil.ignore_patterns("*.py", "__pyc*"))
    folders = {path.parent.name for path, _ in generate.documents(tmp_path) if path.name == "action.yml"}
    assert folders == {path.name for path in (generate.ROOT / "actions").iterdir() if path.is_dir()}
