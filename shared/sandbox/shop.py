"""A sample consumer with an open pull request, and the coverage reports of its tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time_ns

from sandbox.consumer import Consumer
from sandbox.github import PullRequest
from sandbox.runner import Event, events

NAME = "octo-org/shop"
CART = "src/shop/cart.py"
BEFORE = "def total(prices):\n    return sum(prices)\n"
AFTER = BEFORE + "\n\ndef discounted(prices, percent):\n    return total(prices) * (100 - percent) / 100\n"
NEW_LINES = (5, 6)
"""The executable lines that the pull request adds."""


def cobertura(path: str, hits: Mapping[int, int]) -> str:
    """A Cobertura report of one file, made now, as coverage.py writes it: times each line was run, by line number."""
    lines = "".join(f'<line number="{number}" hits="{count}"/>' for number, count in hits.items())
    covered, valid = sum(count > 0 for count in hits.values()), len(hits)
    rate = f"{covered / valid:.4g}"
    counts = 'branches-covered="0" branches-valid="0" branch-rate="0" complexity="0"'
    rates = f'line-rate="{rate}" branch-rate="0" complexity="0"'
    return (
        f'<?xml version="1.0" ?><coverage version="7.10" timestamp="{time_ns() // 10**6}" lines-valid="{valid}" '
        f'lines-covered="{covered}" line-rate="{rate}" {counts}><sources><source></source></sources>'
        f'<packages><package name="shop" {rates}><classes><class name="{path}" filename="{path}" {rates}>'
        f"<methods/><lines>{lines}</lines></class></classes></package></packages></coverage>\n"
    )


def measured_on_base() -> str:
    """What the tests measured before the pull request."""
    return cobertura(CART, {1: 1, 2: 1})


def measured(uncovered: Iterable[int] = ()) -> str:
    """What the tests of the pull request measured."""
    missed = set(uncovered)
    return cobertura(CART, {number: int(number not in missed) for number in (1, 2, *NEW_LINES)})


@dataclass(frozen=True, slots=True)
class Shop:
    """The consumer, its pull request, and the event of the run on the merge commit, which is checked out."""

    consumer: Consumer
    pull: PullRequest
    event: Event

    @classmethod
    @contextmanager
    def serve(cls, folder: Path, extra: Mapping[str, str] | None = None) -> Iterator[Shop]:
        """The shop in `folder` and on a served GitHub; `extra` are files that stand on main already."""
        with Consumer.serve(folder, {CART: BEFORE, "src/shop/__init__.py": "", **(extra or {})}, NAME) as consumer:
            pull, event = consumer.open_pull("discounts", {CART: AFTER}, title="Add discounts")
            yield cls(consumer, pull, event)

    @property
    def workspace(self) -> Path:
        return self.consumer.checkout.path

    def write(self, files: Mapping[str, str]) -> None:
        """Write files into the workspace without committing them."""
        self.consumer.checkout.write(files)

    def comments(self) -> list[str]:
        return [comment.body for comment in self.pull.issue.comments]

    def branches(self) -> set[str]:
        """The branches of the repository on GitHub."""
        prefix = "refs/heads/"
        names = self.consumer.repository.refs.names()
        return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}

    def dispatch_event(self) -> Event:
        """The event of a run that someone started on the pull request's branch."""
        return events.workflow_dispatch(repository=NAME, sha=self.pull.head_sha, branch="discounts")
