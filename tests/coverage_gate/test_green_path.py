"""The cheapest path to green: few places, tests that are near, and never a line too many."""

from __future__ import annotations

import time
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.coverage_gate.made import a_diff, a_file, a_policy, a_report, a_share, changed, evidence

from coverage_gate.gate import decide
from coverage_gate.green_path import STEPS, Place, Step, cheapest, places_of, steps
from coverage_gate.model import FileCoverage, Function, Lines, lines_of, numbers_of


def way(*files: FileCoverage, **limits: int) -> tuple[Step, ...]:
    given = evidence(a_report(*files))
    return steps(decide(given, a_policy(**limits)).findings, given)


def place(missing: int, *, reached: bool = False, path: str = "a.py") -> Place:
    return Place(path, "", lines_of(range(1, missing + 1)), missing, 0, reached)


def asked(places: tuple[Place, ...]) -> list[tuple[int, int]]:
    return [(one.wanted, one.missing) for one in places]


CART = a_file(
    "src/cart.py",
    [1, 2, 3, 4, 20],
    [5, 6, 7, 8, 9, 10, 11, 21, 22],
    functions=(Function("add", 2, 12), Function("remove", 20, 30)),
    contexts={
        2: ("",),
        3: ("tests/test_cart.py::test_add|run",),
        4: ("tests/test_cart.py::test_add|run", "t::b"),
        20: ("",),
    },
)


def test_it_says_how_many_of_which_lines_by_function_with_tests_that_are_near() -> None:
    (step,) = way(CART, fail_under=60)
    assert step.advice == "line coverage: cover 4 more lines, in 1 place"
    (add,) = step.places
    assert (add.path, add.function, add.wanted, add.missing) == ("src/cart.py", "add", 4, 7)
    assert list(numbers_of(add.lines)) == [5, 6, 7, 8, 9, 10, 11]
    assert add.tests == ("tests/test_cart.py::test_add", "t::b")
    assert add.reached


def test_a_function_that_only_its_def_line_ran_is_not_reached() -> None:
    assert [one.reached for one in places_of(CART, CART.lines & ~CART.covered)] == [False, True]
    bare = a_file("a.py", [1, 2, 5], [3, 6], functions=(Function("f", 1, 3), Function("g", 5, 6)))
    assert [(one.function, one.reached) for one in places_of(bare, bare.lines & ~bare.covered)] == [
        ("g", False),
        ("f", True),
    ]


def test_lines_belong_to_the_innermost_function() -> None:
    file = a_file("a.py", [1], [2, 4, 5, 8], functions=(Function("outer", 1, 9), Function("inner", 3, 6)))
    places = places_of(file, file.lines & ~file.covered)
    assert [(one.function, list(numbers_of(one.lines))) for one in places] == [("inner", [4, 5]), ("outer", [2, 8])]


def test_a_function_of_unknown_end_ends_before_the_next() -> None:
    file = a_file("a.py", [], [2, 4, 8], functions=(Function("f", 1, 0), Function("g", 4, 0)))
    assert [(one.function, one.missing) for one in places_of(file, file.lines)] == [("g", 2), ("f", 1)]


def test_without_functions_runs_of_lines_are_places() -> None:
    file = a_file("a.py", [1, 6, 12], [3, 5, 8, 9, 14])
    places = places_of(file, file.lines & ~file.covered)
    assert [list(numbers_of(one.lines)) for one in places] == [[3, 5], [8, 9], [14]]
    assert all(one.reached for one in places)
    alone = a_file("a.py", [], [3, 5])
    assert [one.reached for one in places_of(alone, alone.lines)] == [False]


def test_contexts_name_the_tests_next_to_a_run() -> None:
    file = a_file("a.py", [1, 4], [2, 3], contexts={1: ("t::one",), 4: ("t::one", "t::two")})
    (only,) = places_of(file, file.lines & ~file.covered)
    assert only.tests == ("t::one", "t::two")


def test_places_a_test_already_reaches_come_first() -> None:
    (chosen,) = cheapest([place(9, path="new.py"), place(5, reached=True)], 5)
    assert (chosen.wanted, chosen.missing, chosen.reached) == (5, 5, True)
    # At the same cost, fewer places.
    (chosen,) = cheapest([place(5, path="new.py"), place(3, reached=True), place(2, reached=True)], 5)
    assert not chosen.reached
    # Three of them would cost more than one new test.
    chosen = cheapest([place(9, path="new.py"), *(place(3, reached=True) for _ in range(3))], 9)
    assert asked(chosen) == [(9, 9)]


def test_nothing_wanted_is_nothing_to_do_and_too_much_is_everything() -> None:
    assert cheapest([place(3)], 0) == ()
    assert [one.missing for one in cheapest([place(3), place(2, reached=True)], 9)] == [2, 3]


places = st.lists(st.builds(place, st.integers(1, 9), reached=st.booleans()), max_size=7)


@given(places, st.integers(1, 30))
@settings(max_examples=100)
def test_no_cheaper_choice_is_enough(several: list[Place], wanted: int) -> None:
    def cost(chosen: tuple[Place, ...]) -> int:
        return sum(1 if one.reached else 2 for one in chosen)

    chosen = cheapest(several, wanted)
    if sum(one.missing for one in several) < wanted:
        assert len(chosen) == len(several)
        return
    assert sum(one.wanted for one in chosen) == wanted
    assert all(0 < one.wanted <= one.missing for one in chosen)
    enough = [
        choice
        for size in range(len(several) + 1)
        for choice in combinations(several, size)
        if sum(one.missing for one in choice) >= wanted
    ]
    assert cost(chosen) <= min(cost(choice) for choice in enough)


lines = st.sets(st.integers(1, 40))
functions = st.lists(st.builds(Function, st.sampled_from("fgh"), st.integers(1, 40), st.integers(0, 45)), max_size=5)


@given(lines, lines, functions)
def test_every_missing_line_is_in_exactly_one_place(ran: set[int], gone: set[int], named: list[Function]) -> None:
    file = a_file("a.py", ran, gone - ran, functions=tuple(named))
    missing = file.lines & ~file.covered
    together: Lines = 0
    for one in places_of(file, missing):
        assert one.lines
        assert not one.lines & together
        assert one.missing == one.lines.bit_count()
        together |= one.lines
    assert together == missing


def test_a_missed_patch_leads_to_changed_lines_only() -> None:
    given = evidence(a_report(CART), diff=a_diff(changed("src/cart.py", [9, 10, 21])))
    (step,) = steps(decide(given, a_policy(fail_under_patch=30)).findings, given)
    assert step.subject == "coverage of the changed lines"
    assert step.advice.endswith("cover 1 more line, in 1 place")
    assert [list(numbers_of(one.lines)) for one in step.places] == [[9, 10]]


def test_what_passes_or_has_no_lines_needs_no_path() -> None:
    assert way(CART, fail_under=10) == ()
    assert way(CART, fail_under_branch=10) == ()


def test_only_the_first_limits_are_explained() -> None:
    files = [a_share(f"src/f{at}.py", 0, 1) for at in range(STEPS + 9)]
    assert len(way(*files, fail_under_file=60)) == STEPS


def test_a_large_repository_takes_no_time() -> None:
    files = [a_share(f"src/f{at}.py", 100, 200) for at in range(2000)]
    started = time.perf_counter()
    (step,) = way(*files, fail_under=80)
    assert step.needed == 120_000
    assert len(step.places) == 1200
    assert time.perf_counter() - started < 5
