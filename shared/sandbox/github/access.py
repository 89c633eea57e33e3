"""Who may do what: credentials, visibility, permissions, the primary rate limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from .exchange import ApiError, Route, not_found
from .repository import Repository
from .tokens import Need, Token


def authenticate(header: str | None, tokens: Mapping[str, Token], when: datetime) -> Token | None:
    """The token of an `Authorization` header (`Bearer x` or `token x`), None for an anonymous request.

    Raises ApiError 401 for an unknown, malformed or expired credential.
    """
    if not header:
        return None
    scheme, _, secret = header.partition(" ")
    token = tokens.get(secret.strip()) if scheme.lower() in ("bearer", "token") else None
    if token is None or when >= token.expires_at:
        raise ApiError(401, "Bad credentials")
    return token


def charge(token: Token | None, when: datetime) -> None:
    """Count one request. Raises ApiError 403 when the hour's quota is used up."""
    if token is None:
        return
    token.quota.refill(when)
    if token.quota.remaining <= 0:
        raise ApiError(403, f"API rate limit exceeded for {token.owner.login}.")
    token.quota.remaining -= 1


def need(route: Route, repository: Repository, arguments: Mapping[str, str], token: Token | None) -> Need:
    """Which permission this request takes: of several that would do, the one that the token has, else the first.

    `pull-requests` does not reach a plain issue; `issues` reaches both.
    """
    candidates = [one for one in route.needs if one.scope != "pull-requests" or _may_be_pull(repository, arguments)]
    held = token.permissions if token is not None else {}
    return next((one for one in candidates if one.met_by(held)), candidates[0])


def _may_be_pull(repository: Repository, arguments: Mapping[str, str]) -> bool:
    if "issue_number" in arguments:
        issue = repository.issues.get(int(arguments["issue_number"]))
        return issue is None or issue.pull is not None
    if "comment_id" in arguments:
        wanted = int(arguments["comment_id"])
        issues = repository.issues.values()
        return not any(c.id == wanted for issue in issues if issue.pull is None for c in issue.comments)
    return True


def authorise(route: Route, repository: Repository, needed: Need, token: Token | None) -> None:
    """Raises ApiError: 404 for what the caller may not know exists, 401 or 403 for what it may not do.

    A public repository can be read by anyone, whatever a token's permissions.
    """
    reaches = token is not None and token.reaches(repository.full_name)
    if repository.private and not reaches:
        raise not_found()
    if not repository.private and not route.writes:
        return
    if token is None:
        raise ApiError(401, "Requires authentication")
    granted = needed.scope == "metadata" or needed.met_by(token.permissions)
    if not reaches or not granted:
        raise ApiError(403, f"Resource not accessible by {token.kind.value}")


def accepted_permissions(needs: Iterable[Need]) -> str:
    """The `X-Accepted-GitHub-Permissions` header: what would have done."""
    return "; ".join(f"{one.scope.replace('-', '_')}={one.access}" for one in needs)
