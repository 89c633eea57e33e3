"""A `.coverage` file says what coverage.py itself says about it, or which sources are missing to say so."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from pathlib import Path

import pytest

from actionkit.errors import Unreadable
from coverage_gate.merge import merge
from coverage_gate.model import Counts, FileCoverage, Function, Report
from coverage_gate.readers import coveragepy_analysis, coveragepy_json
from coverage_gate.readers.coveragepy_data import READER
from coverage_gate.readers.coveragepy_json import moment_of
from coverage_gate.readers.coveragepy_sources import sources_of
from coverage_gate.readers.source import Source

SHAPES = '''"""Shapes."""

import sys


def classify(value):
    """Say what it is."""
    if value < 0:
        return "negative"
    for number in range(value):
        if number > 2:  # pragma: no branch
            break
    if sys.platform == "never":  # pragma: no cover
        return "never"
    if value == 50:  # skip me
        return "half"
    return [
        word
        for word in ("positive",
                     "other")
        if word
    ][0]


def never(value):
    while value:
        value -= 1
    return value
'''
PLAIN_RC = "[run]\nbranch = true\nrelative_files = true\nsource = shapes\n"


def coverage(folder: Path, *arguments: str) -> None:
    """Run coverage.py as a user does, in their folder."""
    command = [sys.executable, "-m", "coverage", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)


def measure(folder: Path, *values: int, data_file: str = ".coverage") -> Path:
    calls = "".join(f"classify({value})\n" for value in values)
    (folder / "run.py").write_text(f"from shapes.main import classify\n{calls}", encoding="utf-8")
    coverage(folder, "run", f"--data-file={data_file}", "run.py")
    return folder / data_file


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project, measured: one module that ran in part, one that nothing imported, one without code."""
    folder = tmp_path / "project"
    package = folder / "shapes"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "main.py").write_text(SHAPES, encoding="utf-8")
    (package / "unused.py").write_text("def f():\n    return 1\n", encoding="utf-8")
    (folder / ".coveragerc").write_text(PLAIN_RC, encoding="utf-8")
    measure(folder, 7)
    return folder


def read(path: Path, root: Path | None = None, name: str = "") -> Report:
    source = Source(name or path.name, path, root or path.parent)
    assert READER.recognises(source.head())
    return READER.read(source)


def as_coverage_json(folder: Path, *arguments: str) -> Report:
    """What `coverage json` says in this folder."""
    coverage(folder, "json", "-o", "told.json", *arguments)
    return coveragepy_json.READER.read(Source("told.json", folder / "told.json", folder))


def facts(report: Report) -> dict[str, tuple[object, ...]]:
    return {
        file.path: (file.lines, file.covered, file.uncounted, dict(file.branches), file.contexts)
        for file in report.files
    }


def assert_same_as_coverage_json(folder: Path, path: Path | None = None, *arguments: str) -> Report:
    report, told = read(path or folder / ".coverage", folder), as_coverage_json(folder, *arguments)
    assert facts(report) == facts(told)
    assert report.totals == told.claimed
    assert (report.complete, report.reason) == (True, "")
    return report


def test_it_says_what_coverage_json_says(project: Path) -> None:
    import coverage as library

    report = assert_same_as_coverage_json(project)
    assert report.totals.lines.covered < report.totals.lines.total
    assert 0 < report.totals.branches.covered < report.totals.branches.total
    assert (report.tool, report.version, report.doubts) == ("coverage.py", library.__version__, ())


def test_functions_are_named_in_files_where_something_is_missing(project: Path) -> None:
    files = {file.path: file for file in read(project / ".coverage").files}
    assert files["shapes/main.py"].functions == (Function("classify", 6, 22), Function("never", 25, 28))
    assert files["shapes/__init__.py"].functions == ()


def test_absolute_paths_are_read_too(project: Path) -> None:
    (project / ".coveragerc").write_text(PLAIN_RC.replace("relative_files = true\n", ""), encoding="utf-8")
    measure(project, 7, -1)
    assert_same_as_coverage_json(project)


def test_statement_data_has_no_branches(project: Path) -> None:
    (project / ".coveragerc").write_text("[run]\nrelative_files = true\nsource = shapes\n", encoding="utf-8")
    measure(project, 7)
    assert assert_same_as_coverage_json(project).totals.branches == Counts(0, 0)


EXCLUDING = "exclude_also = skip me\n"
TOML = "[tool.other]\nx = 1\n[tool.coverage.run]\nrelative_files = true\n[tool.coverage.report]\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".coveragerc", f"{PLAIN_RC}[report]\n{EXCLUDING}"),
        (".coveragerc", f"{PLAIN_RC}[report]\nexclude_lines =\n    def never\n    while\n"),
        (".coveragerc", f"{PLAIN_RC}[report]\npartial_branches = value < 0\n"),
        (".coveragerc", f"{PLAIN_RC}[report]\nomit = shapes/unused.py\n"),
        (".coveragerc", f"{PLAIN_RC}[report]\ninclude = */main.py\n"),
        (
            "setup.cfg",
            f"[metadata]\nname = x\n\n[coverage:run]\nrelative_files = true\n\n[coverage:report]\n{EXCLUDING}",
        ),
        ("tox.ini", f"[tox]\nenvlist = py\n\n[coverage:run]\nrelative_files = true\n[coverage:report]\n{EXCLUDING}"),
        ("pyproject.toml", f"{TOML}exclude_also = ['skip me']\nomit = ['*/unused.py']\n"),
    ],
)
def test_settings_that_decide_what_counts_are_honoured(project: Path, name: str, text: str) -> None:
    before = read(project / ".coverage").totals
    if name != ".coveragerc":
        (project / ".coveragerc").unlink()
    (project / name).write_text(text, encoding="utf-8")
    report = read(project / ".coverage")
    assert report.totals != before
    coverage(project, "json", "-o", "told.json")
    told = json.loads((project / "told.json").read_text(encoding="utf-8"))["totals"]
    assert report.totals.lines == Counts(told["covered_lines"], told["num_statements"])
    assert report.totals.branches == Counts(told["covered_branches"], told["num_branches"])


def test_plugins_that_a_configuration_names_are_never_run(project: Path) -> None:
    (project / "evil.py").write_text(f"open({str(project / 'ran')!r}, 'w')\n", encoding="utf-8")
    (project / ".coveragerc").write_text(f"{PLAIN_RC}plugins = evil\n", encoding="utf-8")
    assert read(project / ".coverage").complete
    assert not (project / "ran").exists()


def test_settings_that_cannot_be_read_are_named(project: Path) -> None:
    (project / ".coveragerc").write_text("[report]\nexclude_also = (\n", encoding="utf-8")
    with pytest.raises(Unreadable, match=r"settings in \.coveragerc, which cannot be read"):
        read(project / ".coverage")


def test_contexts_say_which_tests_ran_a_line(project: Path) -> None:
    (project / ".coveragerc").write_text(f"{PLAIN_RC}context = nightly\n", encoding="utf-8")
    measure(project, 7)
    files = {file.path: file for file in assert_same_as_coverage_json(project, None, "--show-contexts").files}
    assert files["shapes/main.py"].contexts[8] == ("nightly",)
    (project / ".coveragerc").write_text(f"{PLAIN_RC}[report]\ncontexts = other\n", encoding="utf-8")
    assert read(project / ".coverage").totals.lines.covered == 0


def test_data_files_of_shards_merge_to_what_coverage_combine_makes(project: Path) -> None:
    shards = [measure(project, *values, data_file=f"data.{n}") for n, values in enumerate([(7,), (-1, 2), (50,), ()])]
    merged = merge(file for shard in shards for file in read(shard, project).files)
    coverage(project, "combine", "--keep", "--data-file=combined", *(shard.name for shard in shards))
    told = as_coverage_json(project, "--data-file=combined")
    assert facts(Report("", "", tuple(merged.files.values()))) == facts(told)
    assert merged.doubts == ()


def test_sources_are_found_where_the_workspace_is_now(project: Path, tmp_path: Path) -> None:
    """Measured at another place, as absolute paths; the data file lies in a folder of artifacts."""
    (project / ".coveragerc").write_text(PLAIN_RC.replace("relative_files = true\n", ""), encoding="utf-8")
    measure(project, 7)
    expected = facts(read(project / ".coverage"))
    workspace = tmp_path / "elsewhere"
    (workspace / "artifacts").mkdir(parents=True)
    shutil.move(project / "shapes", workspace / "shapes")
    shutil.move(project / ".coverage", workspace / "artifacts" / ".coverage")
    report = read(workspace / "artifacts" / ".coverage", workspace, "artifacts/.coverage")
    assert facts(report) == expected


def test_sources_below_a_source_root_are_found(project: Path) -> None:
    (project / "src").mkdir()
    shutil.move(project / "shapes", project / "src" / "shapes")
    report = read(project / ".coverage", project / "src")
    assert report.complete
    assert {file.path for file in report.files} == {"shapes/__init__.py", "shapes/main.py", "shapes/unused.py"}


def test_a_missing_source_makes_it_incomplete_and_is_named(project: Path) -> None:
    (project / "shapes" / "main.py").unlink()
    (project / "shapes" / "unused.py").write_text("def (:\n", encoding="utf-8")
    report = read(project / ".coverage")
    assert not report.complete
    assert "1 measured files have no source in the workspace: shapes/main.py" in report.reason
    assert "cannot be analysed" in report.reason
    assert "shapes/unused.py" in report.reason


def test_nothing_left_at_all_is_unreadable(project: Path) -> None:
    (project / ".coveragerc").write_text(f"{PLAIN_RC}[report]\nomit = *\n", encoding="utf-8")
    with pytest.raises(Unreadable, match="no measured files"):
        read(project / ".coverage")


@pytest.fixture
def altered(project: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(project / ".coverage", isolation_level=None)) as database:
        yield database


def test_a_file_that_a_plugin_measured_needs_the_plugin(project: Path, altered: sqlite3.Connection) -> None:
    altered.execute("insert into tracer select id, 'django_coverage_plugin' from file where path like '%main.py'")
    report = read(project / ".coverage")
    assert not report.complete
    assert "need the coverage.py plugin django_coverage_plugin: shapes/main.py" in report.reason


def test_what_is_no_python_and_need_not_be_is_skipped_as_coverage_does(
    project: Path, altered: sqlite3.Connection
) -> None:
    altered.execute("update file set path = 'page.html' where path like '%unused.py'")
    (project / "page.html").write_text("<p>{{ x }}", encoding="utf-8")
    report = read(project / ".coverage")
    assert report.complete
    assert {file.path for file in report.files} == {"shapes/__init__.py", "shapes/main.py"}


def test_another_version_that_measured_is_doubted(project: Path, altered: sqlite3.Connection) -> None:
    altered.execute("update meta set value = '7.6.12' where key = 'version'")
    report = read(project / ".coverage")
    assert "measured by coverage.py 7.6.12 and is counted by" in report.doubts[0]
    altered.execute("delete from meta where key = 'version'")
    assert "an unknown coverage.py" in read(project / ".coverage").doubts[0]


def test_the_moment_of_measuring_is_read_where_it_is_known(project: Path, altered: sqlite3.Connection) -> None:
    altered.execute("delete from meta where key = 'when'")
    assert read(project / ".coverage").measured_at is None
    altered.execute("insert into meta values ('when', '2026-11-21 10:00:00')")
    assert read(project / ".coverage").measured_at == moment_of("2026-11-21 10:00:00")


def test_another_schema_is_unreadable(project: Path, altered: sqlite3.Connection) -> None:
    altered.execute("update coverage_schema set version = 99")
    with pytest.raises(Unreadable, match="schema 99; 7 is read"):
        read(project / ".coverage")
    altered.execute("delete from coverage_schema")
    with pytest.raises(Unreadable, match="schema None"):
        read(project / ".coverage")


def test_more_lines_than_a_file_can_have_are_refused(project: Path, altered: sqlite3.Connection) -> None:
    altered.execute("insert into context (context) select 'x' where not exists (select 1 from context)")
    ids = "(select min(id) from file), (select min(id) from context)"
    altered.execute(f"insert or replace into line_bits select {ids}, zeroblob(2000000)")
    with pytest.raises(Unreadable, match="names line 16000000"):
        read(project / ".coverage")


def test_a_file_that_coverage_cannot_use_is_unreadable(project: Path, altered: sqlite3.Connection) -> None:
    altered.execute("drop table file")
    with pytest.raises(Unreadable, match="cannot be read by coverage"):
        read(project / ".coverage")


def test_a_damaged_page_is_unreadable(project: Path) -> None:
    path = project / ".coverage"
    data = path.read_bytes()
    for damaged in (data[:1000], data[: len(data) // 2], data[:-5000], data[:8192] + b"\xff" * 100 + data[8292:]):
        path.write_bytes(damaged)
        with pytest.raises(Unreadable, match="damaged or truncated"):
            READER.read(Source(".coverage", path, project))


def test_a_read_only_workspace_is_enough_and_nothing_is_written_beside(project: Path) -> None:
    before = sorted(path.name for path in project.iterdir())
    content = (project / ".coverage").read_bytes()
    (project / ".coverage").chmod(0o444)
    project.chmod(0o555)
    try:
        assert read(project / ".coverage").complete
    finally:
        project.chmod(0o755)
    assert sorted(path.name for path in project.iterdir()) == before
    assert (project / ".coverage").read_bytes() == content


def test_an_unfinished_write_is_unreadable(project: Path) -> None:
    (project / ".coverage-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
    with pytest.raises(Unreadable, match="unfinished write"):
        read(project / ".coverage")


def test_a_write_ahead_log_is_part_of_the_file(project: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(project / ".coverage", isolation_level=None)) as database:
        database.execute("pragma journal_mode = wal")
        database.execute("update meta set value = '1.2.3' where key = 'version'")
        copied = tmp_path / "copied"
        shutil.copytree(project, copied)
    assert (copied / ".coverage-wal").stat().st_size
    assert "coverage.py 1.2.3" in read(copied / ".coverage").doubts[0]


def test_a_data_file_of_coverage_4_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / ".coverage"
    path.write_text("!coverage.py: This is a private format, don't read it directly!{}", encoding="utf-8")
    with pytest.raises(Unreadable, match="5 or later"):
        read(path)


def test_an_empty_or_missing_file_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    for name in ("empty", "missing"):
        with pytest.raises(Unreadable, match=r"is empty|cannot be opened"):
            READER.read(Source(name, tmp_path / name, tmp_path))


def test_other_databases_are_not_coverage(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as database:
        database.execute("create table node_data (id)")
    assert not READER.recognises(Source("x.db", tmp_path / "x.db", tmp_path).head())
    assert not READER.recognises(b"SQLite format 4")


def test_many_files_are_analysed_by_several_processes_to_the_same_end(tmp_path: Path) -> None:
    from tests.bench.reports_text import write_project

    data = write_project(tmp_path / "many", statements=10, files=coveragepy_analysis.WORTH_A_POOL)
    in_pool = read(data)
    assert in_pool.complete
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    try:
        alone = read(data)
    finally:
        stop.set()
        other.join()
    assert facts(in_pool) == facts(alone)


@pytest.mark.parametrize("problem", [BrokenProcessPool("killed"), OSError(38, "no /dev/shm")])
def test_where_no_pool_can_be_had_the_work_is_done_by_this_process(project: Path, problem: Exception) -> None:
    def broken(*_: object) -> Iterator[list[coveragepy_analysis.Finding | coveragepy_analysis.Failure]]:
        yield []
        raise problem

    data = coveragepy_analysis.DataFile(project / ".coverage", coveragepy_analysis.Settings())
    job = coveragepy_analysis.Job("shapes/main.py", project / "shapes" / "main.py", "shapes/main.py")
    (found,) = coveragepy_analysis.analysed(data, [job], broken)
    assert isinstance(found, FileCoverage)


def test_a_source_that_vanishes_while_it_is_read_is_a_failure_with_a_reason(project: Path) -> None:
    data = coveragepy_analysis.DataFile(project / ".coverage", coveragepy_analysis.Settings())
    (found,) = data.analyse([coveragepy_analysis.Job("shapes/main.py", project / "gone.py", "shapes/main.py")])
    assert isinstance(found, coveragepy_analysis.Failure)
    assert "NoSource" in found.why


def test_sources_measured_elsewhere_lose_the_prefix_that_most_of_them_lose(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    for name in ("src/pkg/a.py", "src/pkg/b.py", "src/other/a.py", "pkg/a.py", "lib/c.py", "top.py"):
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_text("", encoding="utf-8")
    home = "/home/runner/work/repo/repo"
    measured = [
        *(f"{home}/src/pkg/{name}.py" for name in "ab"),
        f"{home}/src/other/a.py",
        "/usr/lib/python3/site-packages/pkg/a.py",
        "C:\\build\\lib\\c.py",
        f"{home}/top.py",
        "/somewhere/else/top.py",
        "src/pkg/a.py",
        "../w/top.py",
        "/gone.py",
    ]
    found = sources_of(measured, (workspace,))
    relative = {path: None if file is None else file.relative_to(workspace).as_posix() for path, file in found.items()}
    assert relative == {
        f"{home}/src/pkg/a.py": "src/pkg/a.py",
        f"{home}/src/pkg/b.py": "src/pkg/b.py",
        f"{home}/src/other/a.py": "src/other/a.py",
        "/usr/lib/python3/site-packages/pkg/a.py": "pkg/a.py",
        "C:\\build\\lib\\c.py": "lib/c.py",
        f"{home}/top.py": "top.py",
        "/somewhere/else/top.py": None,
        "src/pkg/a.py": "src/pkg/a.py",
        "../w/top.py": None,
        "/gone.py": None,
    }


def test_on_the_machine_that_measured_paths_outside_the_workspace_are_good(tmp_path: Path) -> None:
    inside, outside = tmp_path / "w" / "a.py", tmp_path / "installed" / "b.py"
    for file in (inside, outside):
        file.parent.mkdir()
        file.write_text("", encoding="utf-8")
    gone = str(tmp_path / "installed" / "gone.py")
    assert sources_of([str(inside), str(outside), gone], (tmp_path / "w",)) == {
        str(inside): inside,
        str(outside): outside,
        gone: None,
    }
