"""An embedded GitHub: its repositories and tokens, what it is told to do wrong, and what was asked of it."""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from werkzeug.serving import make_server

from .behaviour import Behaviour
from .exchange import Links
from .ledger import RequestRecord, permissions_used
from .model import Artifact
from .repository import Repository
from .server import Application, QuietHandler
from .site import ACTIONS_BOT, Limits, Site, now
from .tokens import PRIMARY_LIMIT, Access, Quota, Token, TokenKind

READ_ONLY: Mapping[str, Access] = dict.fromkeys(
    ("actions", "contents", "issues", "metadata", "pull-requests", "security-events"), "read"
)
"""What the token of a fork's pull request has at most."""


class EmbeddedGitHub:
    """A GitHub REST API over state in memory, for tests and the demo.

        hub = EmbeddedGitHub()
        repository = hub.repository("org/shop", files={"README.md": "# Shop"})
        token = hub.token(repository, permissions={"contents": "read", "pull-requests": "write"})
        with hub.serve() as url:
            ...  # GITHUB_API_URL=url, or f"{url}/api/v3" as on GitHub Enterprise Server
        assert not hub.violations

    `requests` is the ledger, oldest first; `violations` are requests and answers that GitHub's own OpenAPI description
    forbids (each was also answered with 500 and the text); `behave` makes it misbehave.
    """

    def __init__(self, *, clock: Callable[[], datetime] = now, limits: Limits | None = None) -> None:
        self.site = Site(clock=clock, limits=limits or Limits())
        self.behave = Behaviour()
        self.requests: list[RequestRecord] = []
        self.violations: list[str] = []
        self.tokens: dict[str, Token] = {}
        self.lock = threading.RLock()
        self._repositories: dict[str, Repository] = {}
        self._url: str | None = None

    # Repositories

    def repository(
        self,
        full_name: str,
        *,
        files: Mapping[str, str | bytes] | None = None,
        private: bool = True,
        default_branch: str = "main",
    ) -> Repository:
        """A new repository; with `files` it has a first commit, without it is empty. Raises ValueError if it exists.

        It is private unless told, because a public one can be read without any permission.
        """
        owner, slash, name = full_name.partition("/")
        if not (slash and owner and name) or self.find(full_name) is not None:
            raise ValueError(f"repository {full_name!r}: wanted is a new name of the form owner/name")
        made = Repository(
            site=self.site,
            owner=self.site.account(owner),
            name=name,
            id=self.site.next_id(),
            created_at=self.site.clock(),
            private=private,
            default_branch=default_branch,
        )
        self._repositories[full_name.lower()] = made
        if files is not None:
            made.commit(files, message="First commit")
        return made

    def repositories(self) -> list[Repository]:
        """All of them, each followed by its forks."""
        return [one for home in self._repositories.values() for one in (home, *home.forks.values())]

    def find(self, full_name: str) -> Repository | None:
        """By name, whatever its case."""
        wanted = full_name.lower()
        return next((one for one in self.repositories() if one.full_name.lower() == wanted), None)

    def find_by_id(self, id_: int) -> Repository | None:
        return next((one for one in self.repositories() if one.id == id_), None)

    def find_artifact(self, id_: int) -> Artifact | None:
        """One that was not deleted."""
        runs = itertools.chain.from_iterable(one.runs for one in self.repositories())
        artifacts = itertools.chain.from_iterable(run.artifacts for run in runs)
        return next((one for one in artifacts if one.id == id_ and not one.deleted), None)

    # Tokens

    def token(
        self,
        *repositories: Repository,
        permissions: Mapping[str, Access],
        expires_in: timedelta = timedelta(hours=1),
        secret: str | None = None,
    ) -> Token:
        """A GITHUB_TOKEN with a job's `permissions:`; a negative `expires_in` makes an expired one.

        `secret` is its text when another process must know it beforehand.
        """
        return self._token(TokenKind.INSTALLATION, ACTIONS_BOT, repositories, permissions, expires_in, secret)

    def fork_token(self, repository: Repository) -> Token:
        """The read-only GITHUB_TOKEN that a pull request from a fork gets."""
        return self.token(repository, permissions=READ_ONLY)

    def personal_token(
        self,
        login: str,
        *repositories: Repository,
        permissions: Mapping[str, Access],
        expires_in: timedelta = timedelta(days=30),
    ) -> Token:
        """A fine-grained personal access token of a user."""
        return self._token(TokenKind.PERSONAL, login, repositories, permissions, expires_in)

    def _token(
        self,
        kind: TokenKind,
        login: str,
        repositories: tuple[Repository, ...],
        permissions: Mapping[str, Access],
        expires_in: timedelta,
        secret: str | None = None,
    ) -> Token:
        when, limit = self.site.clock(), PRIMARY_LIMIT[kind]
        prefix = "ghs_" if kind is TokenKind.INSTALLATION else "github_pat_"
        made = Token(
            secret=secret or prefix + secrets.token_hex(18),
            owner=self.site.account(login),
            kind=kind,
            repositories=frozenset(one.full_name.lower() for one in repositories),
            permissions=dict(permissions),
            expires_at=when + expires_in,
            quota=Quota(limit, limit, when + timedelta(hours=1)),
        )
        self.tokens[made.secret] = made
        return made

    # Serving, and what was asked

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[str]:
        """Serve on 127.0.0.1 (any free port unless told) until the block ends; gives the base URL without a slash."""
        server = make_server("127.0.0.1", port, Application(self), threaded=True, request_handler=QuietHandler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        self._url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self._url
        finally:
            self._url = None
            server.shutdown()
            thread.join()
            server.server_close()

    @property
    def links(self) -> Links:
        """Where the API is while it is served, as `sandbox.github.events` needs it. Raises RuntimeError otherwise."""
        if self._url is None:
            raise RuntimeError("the embedded GitHub has no address yet: use it inside `with hub.serve()`")
        return Links(self._url, self._url)

    def permissions_used(self) -> dict[str, Access]:
        """The least `permissions:` of a workflow under which everything that succeeded would succeed."""
        return permissions_used(self.requests)

    def asked(self, method: str, template: str | None = None) -> list[RequestRecord]:
        """The requests of that method (and template, as GitHub's reference spells it), oldest first."""
        return [one for one in self.requests if one.method == method and template in (None, one.template)]
