"""One embedded GitHub with a small shop in it, served for each test, and a plain HTTP client for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from github import Auth, Github
from tests.sandbox.github.shop import EVERYTHING, SHOP, Client

from sandbox.github import EmbeddedGitHub, Repository, Token

NO_PAUSES = {"seconds_between_requests": 0, "seconds_between_writes": 0}


@pytest.fixture
def hub() -> EmbeddedGitHub:
    return EmbeddedGitHub()


@pytest.fixture
def shop(hub: EmbeddedGitHub) -> Repository:
    return hub.repository("org/shop", files=SHOP)


@pytest.fixture
def url(hub: EmbeddedGitHub) -> Iterator[str]:
    """The base URL while the hub is served."""
    with hub.serve() as served:
        yield served


@pytest.fixture
def lawful(hub: EmbeddedGitHub) -> Iterator[None]:
    """The test may not break the description, neither by its requests nor by the sandbox's answers."""
    yield
    assert hub.violations == []


@pytest.fixture
def client_of(url: str) -> Iterator[Callable[[Token | None], Client]]:
    made: list[Client] = []

    def client(token: Token | None) -> Client:
        made.append(Client(url, token))
        return made[-1]

    yield client
    for one in made:
        one.session.close()


@pytest.fixture
def client(hub: EmbeddedGitHub, shop: Repository, client_of: Callable[[Token | None], Client]) -> Client:
    """A client that may do everything in the shop."""
    return client_of(hub.token(shop, permissions=EVERYTHING))


@pytest.fixture
def pygithub(url: str) -> Iterator[Callable[[Token], Github]]:
    made: list[Github] = []

    def github(token: Token, base: str = url) -> Github:
        made.append(Github(base_url=base, auth=Auth.Token(token.secret), retry=None, **NO_PAUSES))
        return made[-1]

    yield github
    for one in made:
        one.close()
