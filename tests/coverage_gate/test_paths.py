"""What a tool calls a file, as the path git knows it by: declared first, then by evidence, never by a guess."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coverage_gate.model import FileCoverage, Report
from coverage_gate.paths import Resolved, Unmatched, resolve

APP = ("src/shop/__init__.py", "src/shop/cart.py", "src/shop/api/views.py", "setup.py", "tests/test_cart.py")


def report(*paths: str, at: str = "coverage.xml", sources: tuple[str, ...] = ()) -> Report:
    files = tuple(FileCoverage(path, lines=0b10) for path in paths)
    return Report(path=at, format="cobertura", files=files, sources=sources)


def paths_of(resolved: Resolved) -> list[str]:
    return [file.path for each in resolved.reports for file in each.files]


def one(path: str, tracked: tuple[str, ...] = APP, **how: object) -> str:
    """The resolved path of a report's only file, or why there is none."""
    sources = how.pop("sources", ())
    at = how.pop("at", "coverage.xml")
    resolved = resolve([report(path, at=at, sources=sources)], tracked, **how)  # type: ignore[arg-type]
    if resolved.unmatched:
        return resolved.unmatched[0].reason
    return paths_of(resolved)[0]


@pytest.mark.parametrize(
    "path",
    [
        "src/shop/cart.py",
        "./src/shop/cart.py",
        "src//shop/../shop/cart.py",
        "src\\shop\\cart.py",
        "file:///github/workspace/src/shop/cart.py",
        "/github/workspace/src/shop/cart.py",
        "/home/runner/work/shop/shop/src/shop/cart.py",
        "/Users/runner/work/shop/shop/src/shop/cart.py",
        "/__w/shop/shop/src/shop/cart.py",
        "/opt/actions-runner/_work/shop/shop/src/shop/cart.py",
        "D:\\a\\shop\\shop\\src\\shop\\cart.py",
        "d:\\A\\shop\\shop\\SRC\\Shop\\Cart.py",
        "/build/agent/src/shop/cart.py",
        "/_/src/shop/cart.py",
        "shop/cart.py",
        "cart.py",
    ],
)
def test_one_file_by_its_many_names(path: str) -> None:
    assert one(path) == "src/shop/cart.py"


def test_the_workspace_may_be_anywhere() -> None:
    assert one("/srv/ci/checkout/setup.py", workspace="/srv/ci/checkout") == "setup.py"
    assert one("C:\\ci\\setup.py", workspace="C:\\ci\\") == "setup.py"


def test_the_runners_folder_is_not_mistaken_for_the_sources_folder() -> None:
    tracked = ("shop/cart.py", "cart.py")
    assert one("/home/runner/work/shop/shop/cart.py", tracked) == "cart.py"


def test_a_checkout_below_the_workspace_is_found_by_its_end() -> None:
    assert one("/home/runner/work/shop/shop/nested/src/shop/cart.py") == "src/shop/cart.py"


def test_the_map_of_the_user_comes_first() -> None:
    mapping = {"/app/": "src", "/app/legacy": "old/", "top": "", "gen": "src/shop"}
    tracked = (*APP, "old/x.py", "legacy/x.py", "gen/cart.py")
    assert one("/app/shop/cart.py", tracked, mapping=mapping) == "src/shop/cart.py"
    assert one("/app/legacy/x.py", tracked, mapping=mapping) == "old/x.py"
    assert one("top/setup.py", tracked, mapping=mapping) == "setup.py"
    assert one("gen/cart.py", tracked, mapping=mapping) == "src/shop/cart.py"
    assert one("/apple/unknown.py", tracked, mapping=mapping) == "is the path of no tracked file"


def test_a_map_of_everything_moves_relative_paths() -> None:
    assert one("cart.py", mapping={"": "src/shop"}) == "src/shop/cart.py"


def test_the_source_root_comes_before_the_exact_path() -> None:
    tracked = ("setup.py", "backend/setup.py", "tool.py")
    assert one("setup.py", tracked) == "setup.py"
    assert one("setup.py", tracked, source_root="backend/") == "backend/setup.py"
    assert one("tool.py", tracked, source_root="backend") == "tool.py"


def test_the_roots_that_the_report_states_come_before_the_exact_path() -> None:
    tracked = ("setup.py", "backend/setup.py", "frontend/app.py")
    assert one("setup.py", tracked, sources=("/home/runner/work/x/x/backend",)) == "backend/setup.py"
    assert one("app.py", tracked, sources=("/github/workspace/backend", "/github/workspace/frontend")) == (
        "frontend/app.py"
    )
    assert one("setup.py", tracked, sources=("/home/runner/work/x/x",)) == "setup.py"
    assert one("setup.py", tracked, sources=("/",)) == "setup.py"
    assert one("setup.py", tracked, sources=(".",)) == "setup.py"


def test_a_root_outside_the_checkout_helps_by_its_last_folders() -> None:
    tracked = ("lib/pkg/x.py", "src/pkg/x.py")
    assert one("pkg/x.py", tracked) == "could be `lib/pkg/x.py` or `src/pkg/x.py`"
    assert one("pkg/x.py", tracked, sources=("/app/src",)) == "src/pkg/x.py"
    assert one("x.py", tracked, sources=("/app/src/pkg",)) == "src/pkg/x.py"


def test_two_roots_that_both_hold_the_file_are_no_answer() -> None:
    tracked = ("a/__init__.py", "b/__init__.py")
    roots = ("/github/workspace/a", "/github/workspace/b")
    resolved = resolve([report("__init__.py", sources=roots)], tracked)
    assert resolved.unmatched == (
        Unmatched("coverage.xml", "__init__.py", "could be `a/__init__.py` or `b/__init__.py`"),
    )
    assert paths_of(resolved) == ["__init__.py"]


MONOREPO = ("src/index.js", "packages/a/src/index.js", "packages/a/src/cart.js", "packages/b/src/index.js")


def test_the_folder_that_explains_most_of_the_report_wins() -> None:
    inside = report("src/index.js", "src/cart.js", at="packages/a/coverage/lcov.info")
    assert paths_of(resolve([inside], MONOREPO)) == ["packages/a/src/index.js", "packages/a/src/cart.js"]
    at_the_top = report("src/index.js", at="packages/b/coverage/lcov.info")
    assert paths_of(resolve([at_the_top], MONOREPO)) == ["src/index.js"]


def test_two_folders_above_the_report_that_explain_as_much_are_no_answer() -> None:
    tracked = ("packages/x.js", "packages/a/x.js")
    assert one("x.js", tracked, at="packages/a/coverage/lcov.info") == ("could be `packages/a/x.js` or `packages/x.js`")


def test_paths_that_climb_start_at_the_report() -> None:
    assert one("../src/shop/cart.py", at="build/coverage.xml") == "src/shop/cart.py"
    assert one("../../../src/shop/cart.py", at="build/coverage.xml") == "src/shop/cart.py"


def test_a_bare_name_shared_by_two_files_is_no_answer() -> None:
    assert one("index.js", MONOREPO[1:]) == "could be `packages/a/src/index.js` or `packages/b/src/index.js`"


def test_a_name_is_matched_by_whole_folders_only() -> None:
    assert one("hop/cart.py") == "is the path of no tracked file"
    assert one("/x/notsrc/shop/cart.py") == "is the path of no tracked file"


def test_go_paths_lose_their_module() -> None:
    tracked = ("main.go", "pkg/cart/cart.go", "pkg/util/util.go")
    module = "github.com/example/shop"
    go = report(*(f"{module}/{path}" for path in tracked), at="cover.out")
    assert paths_of(resolve([go], tracked)) == list(tracked)


def test_java_paths_are_found_in_the_module_that_the_report_lies_in() -> None:
    tracked = tuple(
        f"{module}/src/main/{language}/com/example/{name}"
        for module in ("api", "web")
        for language, name in (("java", "Cart.java"), ("kotlin", "Shop.kt"))
    )
    jacoco = report("com/example/Cart.java", "com/example/Shop.kt", at="web/build/reports/jacoco/test.xml")
    assert paths_of(resolve([jacoco], tracked)) == list(tracked[2:])
    elsewhere = report("com/example/Cart.java", at="reports/jacoco.xml")
    assert resolve([elsewhere], tracked).unmatched[0].reason == f"could be `{tracked[0]}` or `{tracked[2]}`"
    alone = report("com/example/Cart.java", "com/example/Shop.kt", at="reports/jacoco.xml")
    assert paths_of(resolve([alone], tracked[2:])) == list(tracked[2:])


def test_the_file_of_a_dependency_is_not_the_repositorys() -> None:
    tracked = ("index.js", "lib/index.js", "lib/cart.js", "shop/cart.py", "util.py")
    js = report("lib/index.js", "lib/cart.js", "node_modules/foo/lib/index.js", "node_modules/foo/index.js")
    assert [each.path for each in resolve([js], tracked).unmatched] == [
        "node_modules/foo/lib/index.js",
        "node_modules/foo/index.js",
    ]
    assert one("/usr/lib/python3/site-packages/foo/shop/cart.py", tracked) == "lies in a folder of dependencies"
    assert one("/.tox/lib/site-packages/shop/cart.py", tracked) == "shop/cart.py"


def test_a_relative_path_needs_the_report_to_agree_before_folders_are_dropped() -> None:
    tracked = ("gen/x.py", "src/a.py", "src/b.py")
    resolved = resolve([report("src/a.py", "src/b.py", "build/gen/x.py")], tracked)
    assert resolved.unmatched == (
        Unmatched(
            "coverage.xml",
            "build/gen/x.py",
            "ends like `gen/x.py`, but most paths of the report do not start like it",
        ),
    )


def test_a_flat_layout_below_an_unknown_folder_is_found() -> None:
    assert paths_of(resolve([report("/build/main.py", "/build/util.py")], ("main.py", "util.py"))) == [
        "main.py",
        "util.py",
    ]
    strange = report("/build/main.py", "/build/util.py", "/usr/include/setup.py", "/usr/include/vector")
    assert [each.path for each in resolve([strange], ("main.py", "util.py", "setup.py")).unmatched] == [
        "/usr/include/setup.py",
        "/usr/include/vector",
    ]


def test_case_is_ignored_for_windows_paths_only_and_only_if_that_is_clear() -> None:
    tracked = ("Src/Cart.cs", "Src/Shop.cs", "src/shop.cs")
    both = report("c:\\work\\src\\cart.cs", "C:\\WORK\\SRC\\CART.cs")
    assert paths_of(resolve([both], tracked)) == ["Src/Cart.cs", "Src/Cart.cs"]
    assert one("/work/src/cart.cs", tracked) == "is the path of no tracked file"
    assert one("c:\\work\\SRC\\SHOP.cs", tracked) == "is the path of no tracked file"


def test_without_git_paths_are_only_tidied() -> None:
    assert one("/github/workspace/./src/x.py", ()) == "src/x.py"
    assert one("/elsewhere/x.py", (), source_root="backend") == "/elsewhere/x.py"
    assert one("x.py", (), source_root="backend") == "backend/x.py"
    assert one("backend/x.py", (), source_root="backend") == "backend/x.py"
    assert one("app/x.py", (), mapping={"app": "src"}) == "src/x.py"


def test_everything_else_in_a_report_stays() -> None:
    before = report("src/shop/cart.py", "/github/workspace/setup.py")
    (after,) = resolve([before], APP).reports
    assert after.files[0] is before.files[0]
    assert after.files[1].lines == 0b10
    assert (after.path, after.format) == (before.path, before.format)


NAMES = st.lists(st.sampled_from(["a", "b", "src", "x.py", "y.py"]), min_size=1, max_size=4).map("/".join)


@given(st.sets(NAMES, max_size=8), st.lists(NAMES, max_size=5, unique=True))
def test_a_file_is_either_tracked_or_said_to_be_unmatched(tracked: set[str], paths: list[str]) -> None:
    assume(tracked)
    resolved = resolve([report(*paths, at="build/coverage.xml")], sorted(tracked))
    unmatched = {each.path for each in resolved.unmatched}
    assert len(paths_of(resolved)) == len(paths)
    for path, result in zip(paths, paths_of(resolved), strict=True):
        assert (result in tracked) or (result in unmatched)
        if path in tracked:
            assert result == path


@given(
    st.sets(NAMES, min_size=1, max_size=8), st.sampled_from(["", "/github/workspace/", "/home/runner/work/r/r/", "./"])
)
def test_every_tracked_file_is_found_under_every_prefix_of_the_checkout(tracked: set[str], prefix: str) -> None:
    paths = sorted(tracked)
    assert paths_of(resolve([report(*(prefix + path for path in paths))], paths)) == paths


@given(st.lists(st.text(max_size=12), max_size=4), st.lists(st.text(min_size=1, max_size=6), max_size=3))
def test_no_path_makes_it_raise(paths: list[str], tracked: list[str]) -> None:
    resolve([report(*paths, sources=tuple(paths[:2]))], tracked, mapping=dict.fromkeys(paths, "x"))


def seconds_for(files: int, prefix: str) -> float:
    """The processor time to resolve that many paths against as many tracked files."""
    tracked = [f"packages/p{n % 200}/src/module{n // 200}/index.js" for n in range(files)]
    large = report(*(prefix + path for path in tracked), at="packages/p1/coverage/lcov.info")
    began = time.process_time()
    resolved = resolve([large], tracked)
    took = time.process_time() - began
    assert paths_of(resolved) == tracked
    return took


@pytest.mark.parametrize("prefix", ["", "/build/agent/7/", "module.example.com/shop/"])
def test_a_large_repository_takes_no_longer_per_file(prefix: str) -> None:
    small = min(seconds_for(1_000, prefix) for _ in range(3))
    large = min(seconds_for(8_000, prefix) for _ in range(3))
    assert large < 30 * small, "8 times as much; quadratic would be 64"


def test_a_path_of_a_megabyte_is_no_path_and_takes_no_time() -> None:
    long = "@everyone/<img>/" * 70_000 + "cart.py"
    made = Report("r", "lcov", (FileCoverage(long), FileCoverage("/x/" * 1300 + "src/cart.py")), sources=(long,))
    began = time.monotonic()
    resolved = resolve([made], ["src/cart.py", "src/other.py"])
    assert time.monotonic() - began < 2
    assert [file.path for file in resolved.reports[0].files] == [long, "src/cart.py"]
    assert resolved.unmatched == (Unmatched("r", long, "is longer than any path can be"),)
