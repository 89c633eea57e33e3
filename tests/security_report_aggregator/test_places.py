"""The line that brings a dependency in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.security_report_aggregator.judged_made import advised, reported, weak

from actionkit.workspace import Workspace
from security_report_aggregator import places as module
from security_report_aggregator.consensus import location_of
from security_report_aggregator.model import Category, Level, Location, Package, Weakness
from security_report_aggregator.places import MANIFESTS, Places
from security_report_aggregator.sources import Sources

DJANGO = Package("pypi", "django", "3.2.1")


def places(folder: Path, files: Mapping[str, str]) -> Places:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    workspace = Workspace(folder)
    return Places(workspace, Sources(workspace))


def test_the_file_a_report_names_comes_before_any_other(tmp_path: Path) -> None:
    found = places(tmp_path, {"requirements.txt": "django==3.2.1\n", "api/requirements.txt": "# api\ndjango==3.2.1\n"})
    assert found.at(DJANGO, "api/requirements.txt") == ("api/requirements.txt", 2)
    assert found.at(DJANGO) == ("requirements.txt", 1)
    assert found.at(DJANGO, "gone/requirements.txt") == ("gone/requirements.txt", None)


def test_what_people_write_comes_before_what_tools_write(tmp_path: Path) -> None:
    lock = '[[package]]\nname = "django"\nversion = "3.2.1"\n'
    found = places(tmp_path, {"poetry.lock": lock, "requirements/base.txt": "\n\ndjango>=3\n"})
    assert found.at(DJANGO) == ("requirements/base.txt", 3)
    assert places(tmp_path / "locked", {"poetry.lock": lock}).at(DJANGO) == ("poetry.lock", 2)


def test_a_package_that_no_manifest_names_or_of_a_strange_type_has_no_place(tmp_path: Path) -> None:
    found = places(tmp_path, {"requirements.txt": "flask==1\n"})
    assert found.at(DJANGO) is None
    assert found.at(Package("deb", "openssl", "1.1")) is None
    assert all(globs for globs in MANIFESTS.values())


def test_a_finding_has_the_place_of_its_package(tmp_path: Path) -> None:
    found = places(tmp_path, {"requirements.txt": "django==3.2.1\n"})
    assert found.of(reported()) is None
    assert found.of(advised(location=None)) == ("requirements.txt", 1)
    assert found.of(advised(location=Location("nginx:1.25", is_file=False))) == ("requirements.txt", 1)
    assert found.of(advised(location=Location("requirements.txt"))) == ("requirements.txt", 1)


def test_a_dependency_without_a_line_is_put_on_the_line_that_names_it(tmp_path: Path) -> None:
    found = places(tmp_path, {"requirements.txt": "# ours\ndjango==3.2.1\n"})
    other = advised(Level.LOW, tool="grype", location=None)
    one = found.placed(weak(advised(location=Location("requirements.txt")), other))
    place = location_of(one)
    assert place is not None
    assert (place.path, place.line) == ("requirements.txt", 2)
    assert one.findings[1] == other
    assert found.placed(weak(advised(location=None))).findings[0].location == Location("requirements.txt", 2)


@pytest.mark.parametrize(
    "weakness",
    [
        weak(reported()),
        weak(advised(location=Location("requirements.txt", 9))),
        weak(advised(location=Location("nginx:1.25", is_file=False))),
        weak(advised(location=Location("gone.txt"))),
        weak(advised(location=None, name="flask")),
        replace(weak(advised(location=None)), category=Category.LICENSE),
    ],
    ids=["no package", "a line already", "an image", "a file that is not there", "not named", "a licence"],
)
def test_all_else_stays_where_it_is(tmp_path: Path, weakness: Weakness) -> None:
    found = places(tmp_path, {"requirements.txt": "django==3.2.1\n"})
    assert found.placed(weakness) == weakness


def test_after_thousands_of_packages_no_more_are_looked_up(tmp_path: Path) -> None:
    found = places(tmp_path, {"requirements.txt": "django==3.2.1\n"})
    for number in range(module.LOOKED_UP):
        assert found.at(Package("pypi", f"p{number}")) is None
    assert found.at(DJANGO) is None
    assert found.at(DJANGO, "requirements.txt") == ("requirements.txt", None)


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "\x00", "\ud800", "a" * 5000, "requirements.txt/"])
def test_no_path_leads_out_or_raises(tmp_path: Path, path: str) -> None:
    assert places(tmp_path, {}).at(DJANGO, path) == (path, None)
