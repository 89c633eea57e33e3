"""The tables the benchmark prints, in Markdown, and whether goals are met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from process import Cost

OURS = "coverage-gate"


def heading(text: str) -> None:
    print(f"\n## {text}\n", flush=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """The first column is text, the others are numbers."""
    print(f"| {' | '.join(columns)} |")
    print(f"|---|{'--:|' * (len(columns) - 1)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(flush=True)


def beside(costs: Mapping[str, Cost], name_of_ours: str = OURS) -> None:
    """Our cost and that of each peer, and how many times ours theirs is."""
    ours = costs[name_of_ours]
    table(
        ("", "wall s", "user s", "peak MiB", "wall", "user", "memory (ours = 1)"),
        (
            (
                name,
                f"{cost.wall:.2f}",
                f"{cost.user:.2f}",
                f"{cost.memory:.0f}",
                *(f"{theirs / mine:.1f}" for theirs, mine in zip(cost[:3], ours[:3], strict=True)),
            )
            for name, cost in costs.items()
        ),
    )


def goal(text: str, measured: float, limit: float, *, at_most: bool = False) -> None:
    """One line: what is asked, what was measured, and the answer."""
    met = measured <= limit if at_most else measured >= limit
    held(met, f"{text}: {measured:.2f} ({'at most' if at_most else 'at least'} {limit:g})")


def held(met: bool, text: str) -> None:
    """One line: whether a goal is met, and what it is."""
    print(f"- {'MET' if met else 'NOT MET'}: {text}", flush=True)
