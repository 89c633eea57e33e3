"""What the rest of the kit asks of GitHub; `GitHub` is the real one, a test may hand in another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

Params = Mapping[str, str | int | bool]
JSON = "application/vnd.github+json"
RAW = "application/vnd.github.raw+json"
MIB = 1024 * 1024


class GitHubApi(Protocol):
    """REST calls by path (`/repos/{owner}/{repo}/…`, segments already percent-encoded). Errors: see `GitHub`."""

    def get(self, path: str, params: Params | None = None) -> Any: ...

    def get_or_none(self, path: str, params: Params | None = None) -> Any | None: ...

    def raw(
        self, path: str, params: Params | None = None, *, accept: str = RAW, max_bytes: int = 32 * MIB
    ) -> bytes | None: ...

    def pages(self, path: str, params: Params | None = None, *, key: str | None = None) -> Iterator[dict[str, Any]]: ...

    def query(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]: ...

    def post(self, path: str, json: Mapping[str, Any]) -> Any: ...

    def patch(self, path: str, json: Mapping[str, Any]) -> Any: ...

    def put(self, path: str, json: Mapping[str, Any]) -> Any: ...

    def delete(self, path: str) -> None: ...
