"""The floors of the house hold: imports only go down, nothing that is not meant to ship does, and modules stay small.

    actions/<name>  ->  shared/actionkit  ->  the libraries that pyproject.toml names
    shared/maintain ->  actionkit, and through maintain.actions the actions
    shared/sandbox  ->  nothing of ours

The sandbox, the twin of GitHub and of the runner, shares no line with what it is held against: a rule that both got
from one place could be wrong in both, and no test would see it.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Container, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

ACTIONS = {folder.name.replace("-", "_"): folder for folder in sorted((ROOT / "actions").iterdir()) if folder.is_dir()}
PACKAGES = {
    **{name: folder / name for name, folder in ACTIONS.items()},
    **{name: ROOT / "shared" / name for name in ("actionkit", "sandbox", "maintain")},
}
SHIPS = (*ACTIONS, "actionkit")
MODULES = {
    ".".join(path.relative_to(folder.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in PACKAGES.values()
    for path in sorted(folder.rglob("*.py"))
}
"""Every module of the house by its dotted name."""

MOST_LINES = 450
OBVIOUS = 12
"""Lines of a body that a name alone may explain."""
VAGUE = re.compile(r"(^|[._])(utils?|helpers?|misc|common_stuff)$|manager", re.IGNORECASE)
OUTSIDE = {"os", "subprocess", "socket", "ssl", "shutil", "tempfile", "urllib", "http", "requests", "sqlite3", "time"}
"""Standard and other modules that reach out of the process; with `time`, answers that differ from run to run."""


DOORS = tuple(f"actionkit.{name}" for name in ("git.", "github.client", "http", "workspace.Workspace", "app"))
PURE = re.compile(r"\b(Pure|[Nn]o I/O)\.")


def test_every_import_goes_down() -> None:
    wrong = [
        f"{module} imports {name}: {why}"
        for module, path in MODULES.items()
        for name in imports(path, module)
        if (why := against_the_floors(module, name))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("module", "name", "why"),
    [
        ("coverage_gate.gate", "actionkit.outcome", ""),
        ("coverage_gate.gate", "smoke_test.plan", "no action imports another"),
        ("coverage_gate.gate", "sandbox.runner", "it does not ship"),
        ("coverage_gate.gate", "yaml", ""),
        ("coverage_gate.gate", "jinja2", "pyproject.toml does not name it"),
        ("actionkit.app", "coverage_gate.action", "actionkit knows no action"),
        ("actionkit.app", "maintain.actions", "it does not ship"),
        ("sandbox.runner", "actionkit.commands", "the sandbox shares nothing with what it is held against"),
        ("sandbox.demo.scenes", "coverage_gate.action", "the sandbox shares nothing with what it is held against"),
        ("maintain.generate", "actionkit.inputs", ""),
        ("maintain.generate", "coverage_gate.action", "only maintain.actions knows the actions"),
        ("maintain.actions", "coverage_gate.action", ""),
        ("maintain.actions", "sandbox.runner", "maintain needs no twin"),
    ],
)
def test_the_rule_is_the_one_in_the_handbook(module: str, name: str, why: str) -> None:
    actions = {*ACTIONS, "smoke_test"}
    assert against_the_floors(module, name, actions) == why


def test_imports_are_found_wherever_they_hide(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text(
        "import a.b\nfrom . import c\nfrom ..d import e\ndef f():\n    from g.h import i, j\n    import k\n"
    )
    assert set(imports(path, "top.middle.sample")) == {"a.b", "top.middle.c", "top.d.e", "g.h.i", "g.h.j", "k"}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_small_and_says_what_it_is_for(module: str) -> None:
    text = MODULES[module].read_text(encoding="utf-8")
    assert len(text.splitlines()) < MOST_LINES
    assert not VAGUE.search(module), "name it after the question it answers"
    assert not text.strip() or docstring(MODULES[module]), "it has no docstring"


@pytest.mark.parametrize("module", [module for module in MODULES if module.split(".")[0] in SHIPS])
def test_what_is_public_says_what_it_does_or_is_obvious(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    silent = [f"{node.name}, line {node.lineno}" for node in public(tree) if not explained(node)]
    assert not silent, f"no docstring: {'; '.join(silent)}"


def test_a_module_that_calls_itself_pure_reaches_nothing_outside() -> None:
    pure = [module for module, path in MODULES.items() if PURE.search(docstring(path))]
    assert len(pure) > 10, "the decisions are pure functions, and their modules say so"
    wrong = [
        f"{module} imports {name}"
        for module in pure
        for name in imports(MODULES[module], module)
        if (name.split(".")[0] in OUTSIDE and not name.startswith("urllib.parse"))
        or name == "pathlib.Path"
        or name.startswith(DOORS)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_is_known_everywhere_it_has_to_be(name: str) -> None:
    from maintain.actions import ACTIONS as CATALOGUED

    spelled = name.replace("_", "-")
    assert spelled in {action.name for action in CATALOGUED}
    assert PROJECT["project"]["scripts"][spelled] == f"{name}.__main__:run"
    tool = PROJECT["tool"]
    assert f"actions/{spelled}/{name}" in tool["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert f"actions/{spelled}" in tool["hatch"]["build"]["dev-mode-dirs"]
    assert f"actions/{spelled}" in tool["pytest"]["ini_options"]["pythonpath"]
    assert name in tool["mypy"]["packages"]
    assert name in tool["coverage"]["run"]["source_pkgs"]
    for document in ("README.md", "action-catalog.md"):
        assert f"actions/{spelled}/README.md" in (ROOT / document).read_text(encoding="utf-8")


def test_the_wheel_holds_the_actions_and_actionkit_and_nothing_else(tmp_path: Path) -> None:
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        scripts = archive.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    packed = {name.split("/")[0] for name in names}
    assert {name for name in packed if not name.endswith(".dist-info")} == set(SHIPS)
    modules = {name for name in names if name.endswith(".py")}
    assert modules == {
        str(path.relative_to(PACKAGES[module.split(".")[0]].parent))
        for module, path in MODULES.items()
        if module.split(".")[0] in SHIPS
    }
    assert not [name for name in names if "sandbox" in name or "maintain" in name or "test" in Path(name).name]
    for name in ACTIONS:
        assert f"{name.replace('_', '-')} = {name}.__main__:run" in scripts


def docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def imports(path: Path, module: str) -> Iterator[str]:
    """The dotted names that a file imports, inside functions too; `from a import b` is `a.b`."""
    inside = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = inside[: len(inside) - node.level + 1] if node.level else []
            start = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


def against_the_floors(module: str, name: str, actions: Container[str] = ACTIONS.keys()) -> str:
    """Why `module` must not import `name`; "" if it may."""
    here, there = module.split(".", maxsplit=1)[0], name.split(".", maxsplit=1)[0]
    if there in (here, "__future__", *sys.stdlib_module_names):
        return ""
    if here == "sandbox":
        ours = there in actions or there in PACKAGES
        return "the sandbox shares nothing with what it is held against" if ours else ""
    if here == "maintain":
        return not_for_maintain(module, there, actions)
    if there in ("sandbox", "maintain"):
        return "it does not ship"
    if there in actions:
        return "no action imports another" if here in actions else "actionkit knows no action"
    return "" if there == "actionkit" or is_dependency(there) else "pyproject.toml does not name it"


def not_for_maintain(module: str, package: str, actions: Container[str]) -> str:
    if package in actions and module != "maintain.actions":
        return "only maintain.actions knows the actions"
    return "maintain needs no twin" if package == "sandbox" else ""


def is_dependency(package: str) -> bool:
    """Whether an import name belongs to a distribution that pyproject.toml names for the image."""
    wanted = {plain(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]) for line in PROJECT["project"]["dependencies"]}
    return any(plain(distribution) in wanted for distribution in packages_distributions().get(package, ()))


def plain(distribution: str) -> str:
    """A distribution's name as they are compared (packaging.python.org, "Names and normalization")."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public(tree: ast.AST) -> Iterator[Named]:
    """Classes, functions and methods without a leading underscore, outside of what has one."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Named) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


def explained(node: Named) -> bool:
    """It has a docstring, or is so short that its name and types are enough."""
    if ast.get_docstring(node):
        return True
    last = node.end_lineno or node.lineno
    return last - node.body[0].lineno < (OBVIOUS if not isinstance(node, ast.ClassDef) else 3)
