"""GitHub's refusals as sentences: what was asked, what GitHub said, what to change."""

# ruff: noqa: N818 - the names read as the sentence they stand for

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from actionkit.errors import ActionkitError, PermissionNeeded
from actionkit.github import permissions
from actionkit.http import Response

MESSAGE_LIMIT = 300


class GitHubError(ActionkitError):
    """GitHub answered, and not as hoped. `call` is `GET /repos/…`, `status` the HTTP status, `message` GitHub's own.

    `fix` is what the user can do, or "".
    """

    def __init__(self, call: str, status: int, message: str, *, fix: str = "") -> None:
        self.call, self.status, self.message, self.fix = call, status, message, fix
        super().__init__(f"{call}: {message}")


class NotFound(GitHubError):
    """404: it is not there, or the token may not see it (GitHub does not tell which)."""


class BadToken(GitHubError):
    """401: the token is missing, mistyped, expired or revoked."""


class Forbidden(GitHubError):
    """403 that no permission and no waiting would mend: a locked issue, SSO, an IP allow list, a blocked user."""


class Conflict(GitHubError):
    """409: the state does not allow it (empty repository, run in progress, a concurrent change)."""


class Invalid(GitHubError):
    """422: GitHub understood the request and will not do it; `message` holds its reasons."""


class ServerError(GitHubError):
    """5xx for a read, after all retries."""


class RateLimited(GitHubError):
    """A primary or secondary limit that lasts longer than this run is willing to wait.

    `resets_at` is the moment it ends, in seconds since the epoch.
    """

    def __init__(self, call: str, status: int, *, kind: str, wait_seconds: float, resets_at: float) -> None:
        self.kind, self.wait_seconds, self.resets_at = kind, wait_seconds, resets_at
        until = datetime.fromtimestamp(resets_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        super().__init__(
            call,
            status,
            f"GitHub's {kind} rate limit is used up until {until} (in {_span(wait_seconds)}), "
            "longer than this run may wait",
            fix="run the job again after that, or give it a token with a quota of its own",
        )


class MaybeDone(GitHubError):
    """A write whose answer was lost: it may or may not have taken effect. Read again before writing again."""

    def __init__(self, call: str, status: int, reason: str) -> None:
        super().__init__(call, status, f"{reason}; the change may or may not have been made")


def refusal(call: str, method: str, response: Response) -> ActionkitError:
    """The error for an answer with status 400 to 499 that is no rate limit."""
    message = said(response)
    match response.status:
        case 401:
            return BadToken(
                call,
                401,
                f"GitHub does not accept the token ({message}): it is missing, mistyped, expired or revoked",
                fix="pass `github-token: ${{ github.token }}`, or a token that is still valid",
            )
        case 403 if permissions.is_missing(message):
            accepted = response.header("x-accepted-github-permissions")
            needed = permissions.needed(method, call.partition(" ")[2], accepted)
            return PermissionNeeded(call, needed.name, needed.fix)
        case 404:
            return NotFound(call, 404, f"not found, or the token may not see it ({message})")
    kind = {403: Forbidden, 409: Conflict, 422: Invalid}.get(response.status, GitHubError)
    return kind(call, response.status, f"GitHub answered {response.status}: {message}")


def said(response: Response) -> str:
    """GitHub's message and validation errors on one line, at most 300 characters; written by others."""
    try:
        data = json.loads(response.body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        return "no reason given"
    parts = [str(data.get("message") or "no reason given")]
    errors = data.get("errors")
    parts += [_reason(error) for error in errors] if isinstance(errors, list) else [str(errors)] if errors else []
    line = " ".join("; ".join(parts).split())
    return line if len(line) <= MESSAGE_LIMIT else f"{line[: MESSAGE_LIMIT - 1]}…"


def _reason(error: Any) -> str:
    """One entry of `errors`: a text, or `{resource, field, code, message}`."""
    if not isinstance(error, Mapping):
        return str(error)
    return str(error.get("message") or " ".join(str(error[k]) for k in ("field", "code") if error.get(k)))


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
