"""A sample consumer: a repository on an embedded GitHub with an open pull request, and a runner's checkout of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time_ns
from typing import Any

from sandbox.checkout import Checkout
from sandbox.github import EmbeddedGitHub, PullRequest, Repository
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
    """What the tests of the pull request's head measured."""
    missed = set(uncovered)
    return cobertura(CART, {number: int(number not in missed) for number in (1, 2, *NEW_LINES)})


@dataclass(frozen=True, slots=True)
class Shop:
    """The repository on GitHub, its pull request, and the checkout of the merge that a runner would test."""

    github: EmbeddedGitHub
    repository: Repository
    pull: PullRequest
    checkout: Checkout
    base: str
    merge: str

    @classmethod
    def open(cls, workspace: Path, extra: Mapping[str, str] | None = None) -> Shop:
        """`extra` are files that stand on the base branch already."""
        checkout = Checkout.create(workspace, {CART: BEFORE, "src/shop/__init__.py": "", **(extra or {})})
        base = checkout.head
        checkout.branch("discounts")
        checkout.commit("Add discounts", {CART: AFTER})
        checkout.switch("main")
        github = EmbeddedGitHub()
        repository = github.repository(NAME)
        repository.import_git(workspace)
        pull = repository.pull_request(branch="discounts", title="Add discounts")
        return cls(github, repository, pull, checkout, base, checkout.test_merge("discounts"))

    @property
    def workspace(self) -> Path:
        return self.checkout.path

    @contextmanager
    def serve(self) -> Iterator[str]:
        with self.github.serve() as url:
            yield url

    def token(self, **permissions: Any) -> str:
        """A job's token; by default with what coverage-gate's README asks for."""
        wanted = permissions or {"contents": "write", "pull_requests": "write"}
        spelled = {scope.replace("_", "-"): access for scope, access in wanted.items()}
        return self.github.token(self.repository, permissions=spelled).secret

    def pull_request_event(self) -> Event:
        return events.pull_request(
            repository=NAME,
            number=self.pull.number,
            base_sha=self.base,
            head_sha=self.pull.head_sha,
            merge_sha=self.merge,
            head_ref="discounts",
        )

    def push_event(self) -> Event:
        return events.push(repository=NAME, sha=self.base)

    def dispatch_event(self) -> Event:
        return events.workflow_dispatch(repository=NAME, sha=self.base, branch="discounts")

    def comments(self) -> list[str]:
        return [comment.body for comment in self.pull.issue.comments]
