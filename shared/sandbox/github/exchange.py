"""What a handler is given (`Call`) and gives back (`Reply`, or a raised `ApiError`)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from .gitobjects import Commit
from .model import Issue
from .repository import Repository
from .site import Account, Site
from .tokens import Need, Token

if TYPE_CHECKING:
    from .behaviour import Lagging

Object = dict[str, Any]
"""A JSON object on its way out; its shape is checked against the description before it leaves."""

Item = TypeVar("Item")

JSON = "application/json; charset=utf-8"


class ApiError(Exception):
    """An answer of 4xx or 5xx, with GitHub's message and, for 422, its list of errors."""

    def __init__(self, status: int, message: str, *, errors: Sequence[Object] = ()) -> None:
        super().__init__(message)
        self.status, self.message, self.errors = status, message, list(errors)

    def reply(self) -> Reply:
        body: Object = {"message": self.message, "documentation_url": "https://docs.github.com/rest"}
        if self.errors:
            body["errors"] = self.errors
        return Reply(self.status, {**body, "status": str(self.status)})


def not_found() -> ApiError:
    return ApiError(404, "Not Found")


def invalid(resource: str, field_: str, code: str, message: str | None = None) -> ApiError:
    """422 `Validation Failed` about one field."""
    error: Object = {"resource": resource, "code": code, "field": field_}
    if message is not None:
        error["message"] = message
    return ApiError(422, "Validation Failed", errors=[error])


@dataclass
class Reply:
    """An answer: `body` is JSON (dict or list), bytes of media type `media`, or None."""

    status: int = 200
    body: Object | list[Object] | bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    media: str = JSON

    def encoded(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Links:
    """Where this server's API and web pages are, as the caller reaches them (`/api/v3` or root)."""

    api: str
    web: str

    def repo(self, repository: Repository, path: str = "") -> str:
        return f"{self.api}/repos/{repository.full_name}{path}"

    def page(self, repository: Repository, path: str = "") -> str:
        return f"{self.web}/{repository.full_name}{path}"


@dataclass
class Call:
    """One authorised request: the repository of its path, its parameters, who asks."""

    site: Site
    links: Links
    route: Route
    found: Repository | None
    arguments: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    token: Token | None
    accept: str
    path: str
    lag: Callable[[Lagging], int]
    reorder: Callable[[list[Any]], list[Any]] | None = None

    @property
    def repository(self) -> Repository:
        if self.found is None:
            raise AssertionError(f"{self.route.template} names no repository")
        return self.found

    @property
    def actor(self) -> Account:
        """Who the token speaks for (a write never gets here without one)."""
        return self.token.owner if self.token is not None else self.site.account("ghost")

    def accepts(self, flavour: str) -> bool:
        """Whether the `Accept` header asks for a media type of that flavour (`raw`, `diff`, `sha`, `object`)."""
        return re.search(rf"vnd\.github\.(v3\.)?{flavour}\b", self.accept) is not None

    def number(self, name: str) -> int:
        return int(self.arguments[name])

    def issue(self) -> Issue:
        """The issue or pull request of `{issue_number}`. Raises ApiError 404."""
        issue = self.repository.issues.get(self.number("issue_number"))
        if issue is None:
            raise not_found()
        return issue

    def commit(self, ref: str) -> Commit:
        """The commit of a branch, tag or hash. Raises ApiError 409 in an empty repository, 422 for an unknown one."""
        if self.repository.empty:
            raise ApiError(409, "Git Repository is empty.")
        sha = self.repository.resolve(ref)
        if sha is None:
            raise ApiError(422, f"No commit found for SHA: {ref}")
        return self.repository.objects.commit(sha)

    def check_length(self, resource: str, body: object) -> None:
        """Raises ApiError 422 for a body over 65,536 characters, in the service's words."""
        limit = self.site.limits.body_characters
        if isinstance(body, str) and len(body) > limit:
            message = f"Body is too long (maximum is {limit} characters)"
            raise invalid(resource, "data", "unprocessable", message)

    def listing(self, items: Sequence[Item]) -> list[Item]:
        """The items as this reading shows them: those whose creation is still spreading are left out."""
        shown: list[Item] = []
        for item in items:
            hidden_for = getattr(item, "hidden_for", 0)
            if hidden_for:
                item.hidden_for = hidden_for - 1  # type: ignore[attr-defined]
            else:
                shown.append(item)
        return self.reorder(shown) if self.reorder else shown

    def page(
        self, items: Sequence[Item], view: Callable[[Item], Object], *, key: str | None = None, cap: int | None = None
    ) -> Reply:
        """One page of the items as `page` and `per_page` say, with the `Link` header.

        With `key`, the page is wrapped as `{"total_count": …, key: […]}`; nothing beyond `cap` items can be reached.
        """
        size = min(int(self.query.get("per_page", 30)) or 30, self.site.limits.per_page)
        number = max(int(self.query.get("page", 1)), 1)
        reachable = items if cap is None else items[:cap]
        last = max(-(-len(reachable) // size), 1)
        shown = [view(item) for item in reachable[(number - 1) * size : number * size]]
        reply = Reply(body={"total_count": len(items), key: shown} if key else shown)
        link = self._link(number, last)
        if link:
            reply.headers["Link"] = link
        return reply

    def _link(self, number: int, last: int) -> str:
        """`rel="prev"`, `next`, `last`, `first` where they lead elsewhere, by repository id as the service does."""
        wanted: dict[str, int] = {}
        if number > 1:
            wanted["prev"] = min(number - 1, last)
        if number < last:
            wanted.update(next=number + 1, last=last)
        if number > 1:
            wanted["first"] = 1
        named = f"/repos/{self.arguments['owner']}/{self.arguments['repo']}"
        path = self.path.replace(named, f"/repositories/{self.repository.id}", 1)
        return ", ".join(
            f'<{self.links.api}{path}?{urlencode({**self.query, "page": page})}>; rel="{rel}"'
            for rel, page in wanted.items()
        )


@dataclass(frozen=True)
class Route:
    """One operation: `needs` are the permissions of which any one is enough."""

    method: str
    template: str
    handler: Callable[[Call], Reply]
    needs: tuple[Need, ...] = ()

    @property
    def writes(self) -> bool:
        return self.method not in ("GET", "HEAD")
