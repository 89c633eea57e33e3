"""Branches from outcomes that have names."""

from __future__ import annotations

from collections.abc import Mapping

from coverage_gate.model import NO_BRANCHES, LineBranches

Shapes = dict[tuple[tuple[str, bool], ...], LineBranches]
"""Branches already made, by outcome names and whether they were taken: most lines of a report share a few."""

_KEPT = 4096


def named_branches(
    outcomes: Mapping[int, Mapping[str, bool]], shapes: Shapes | None = None
) -> Mapping[int, LineBranches]:
    """Branches by line from the names of outcomes and whether each was taken; `shapes` is kept over many files."""
    shapes = {} if shapes is None else shapes
    if len(shapes) > _KEPT:
        shapes.clear()
    branches: dict[int, LineBranches] = {}
    for line, here in sorted(outcomes.items()):
        shape = tuple(here.items())
        known = shapes.get(shape)
        if known is None:
            taken = frozenset(name for name, is_taken in shape if is_taken)
            known = LineBranches(len(taken), len(here), len(taken), taken, frozenset(here) - taken)
            shapes[shape] = known
        if known.total:
            branches[line] = known
    return branches or NO_BRANCHES
