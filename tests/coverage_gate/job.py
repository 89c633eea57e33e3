"""A job of a consumer in this process: the doors and the context that coverage-gate gets, without the runner."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from actionkit.action import Doors
from actionkit.context import RunContext
from actionkit.git import Git
from actionkit.github.client import GitHub
from actionkit.http import Http
from actionkit.inputs import parse
from actionkit.outcome import Outcome
from actionkit.workspace import Workspace
from coverage_gate.action import run
from coverage_gate.inputs import Inputs
from sandbox.consumer import MAIN_JOB, PULL_JOB, Consumer
from sandbox.github.tokens import Access
from sandbox.runner import Event, events

CART = "src/cart.py"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def lcov(*covered: int, missed: tuple[int, ...] = (), path: str = CART) -> str:
    """An LCOV report of one file."""
    hits = {**dict.fromkeys(covered, 1), **dict.fromkeys(missed, 0)}
    body = "".join(f"DA:{line},{count}\n" for line, count in sorted(hits.items()))
    return f"TN:\nSF:{path}\n{body}LF:{len(hits)}\nLH:{len(covered)}\nend_of_record\n"


@dataclass(frozen=True)
class Job:
    """What runs in `shop`'s checkout, or in another folder."""

    shop: Consumer
    http: Http
    folder: Path

    @classmethod
    @contextmanager
    def of(cls, shop: Consumer) -> Iterator[Job]:
        with Http() as http:
            yield cls(shop, http, shop.checkout.path)

    def inside(self, folder: Path) -> Job:
        return Job(self.shop, self.http, folder)

    def context(self, event: Event | None) -> RunContext:
        """The context of a run; without an event that of a laptop."""
        if event is None:
            return RunContext(self.folder)
        payload = self.shop.checkout.path.parent / "event.json"
        payload.write_text(json.dumps(event.payload), encoding="utf-8")
        environ = {f"GITHUB_{name.upper()}": str(value) for name, value in event.context().items()}
        environ |= {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(payload), "GITHUB_API_URL": self.shop.url}
        return RunContext.of({**environ, "GITHUB_WORKSPACE": str(self.folder)}, self.folder)

    def github(self, permissions: Mapping[str, Access] = MAIN_JOB) -> GitHub:
        return GitHub(self.shop.token(permissions), self.http, api_url=self.shop.url)

    def doors(self, github: Any = None) -> Doors:
        return Doors(Workspace(self.folder), Git(self.folder), github, lambda: NOW, lambda _: None)

    def run(self, event: Event | None, *, github: Any = None, **inputs: str) -> Outcome:
        """The outcome of coverage-gate's own `run`; inputs as texts, `_` for `-`."""
        texts = {name.replace("_", "-"): text for name, text in inputs.items()}
        return run(parse(Inputs, texts), self.context(event), self.doors(github))

    def record(self, report: str, **inputs: str) -> str:
        """Record what is checked out, measured as `report` says, as a push to main does; the commit."""
        self.shop.checkout.write({"lcov.info": report})
        made = self.run(self.shop.push(), github=self.github(), **inputs)
        assert not [problem for problem in made.problems if "recorded" in problem.message], made.problems
        return self.shop.checkout.head


def pushed(shop: Consumer, before: str = events.NO_COMMIT, branch: str = "main") -> Event:
    """A push of what is checked out."""
    shop.repository.import_git(shop.checkout.path)
    return events.push(repository=shop.name, sha=shop.checkout.head, before=before, branch=branch)


def reader() -> Mapping[str, Access]:
    return {"contents": "read", "pull-requests": PULL_JOB["pull-requests"]}
