"""An embedded GitHub that talks real HTTP, and a client of it whose waits take no time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from actionkit.github import Clock, GitHub
from actionkit.http import Http
from sandbox.github import EmbeddedGitHub, Repository, Token


@dataclass
class Sleeps:
    """What was slept, in seconds; nothing really sleeps."""

    seconds: list[float] = field(default_factory=list)

    def clock(self) -> Clock:
        return Clock(sleep=self.seconds.append, chance=random.Random(0).random)


@pytest.fixture
def hub() -> Iterator[EmbeddedGitHub]:
    """Every test ends with the proof that nothing it sent was outside GitHub's own description."""
    embedded = EmbeddedGitHub()
    yield embedded
    assert embedded.violations == []


@pytest.fixture
def shop(hub: EmbeddedGitHub) -> Repository:
    return hub.repository("org/shop", files={"README.md": "# Shop\n"})


@pytest.fixture
def url(hub: EmbeddedGitHub) -> Iterator[str]:
    with hub.serve() as address:
        yield address


@pytest.fixture
def sleeps() -> Sleeps:
    return Sleeps()


@pytest.fixture
def connect(url: str, sleeps: Sleeps) -> Iterator[Callable[[Token], GitHub]]:
    """Makes a client for a token."""
    with Http() as http:
        yield lambda token: GitHub(token.secret, http, api_url=url, clock=sleeps.clock())


@pytest.fixture
def github(hub: EmbeddedGitHub, shop: Repository, connect: Callable[[Token], GitHub]) -> GitHub:
    """A client with the GITHUB_TOKEN of a trusted job."""
    permissions = {"contents": "write", "pull-requests": "write", "actions": "read"}
    return connect(hub.token(shop, permissions=permissions))
