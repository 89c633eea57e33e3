"""The sticky comment: one per action and key on a pull request or issue, found again, updated in place.

A comment is ours when a hidden marker stands at its very start **and** the token's own identity wrote it: markers are
text anyone may paste. Normally two calls: one page of comments, one write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from actionkit.errors import PermissionNeeded
from actionkit.github.api import GitHubApi
from actionkit.github.errors import GitHubError, MaybeDone, NotFound
from actionkit.github.fit import fit
from actionkit.github.limits import REAL_CLOCK, Clock

BODY_LIMIT = 65_536
"""Characters; GitHub answers 422 "body is too long" above it."""

ACTIONS_BOT = "github-actions[bot]"
"""Who writes with GITHUB_TOKEN, in every repository."""

TRIES = 4
LOOKS = 4
"""Lists read before a comment whose answer was lost is taken for not made: GitHub's lists lag behind its writes."""

KEPT = "/ "
BY_LOST_WRITE: Mapping[str, Literal["created", "updated"]] = {"POST": "created", "PATCH": "updated"}
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Sticky:
    """Where the comment is and what was done: `unchanged` means that nothing was written."""

    url: str
    id: int
    result: Literal["created", "updated", "unchanged"]


def marker(action: str, key: str = "") -> str:
    """The hidden first line. Percent-encoded, so that no key ends the comment early or looks like another."""
    return f"<!-- {quote(action, safe=KEPT)}:{quote(key, safe=KEPT)} v1 -->"


def upsert(
    github: GitHubApi,
    repository: str,
    number: int,
    body: str,
    *,
    action: str,
    key: str = "",
    pointer: str = "_Cut here: the whole report is in the step summary of the run._",
    clock: Clock = REAL_CLOCK,
) -> Sticky:
    """Make the one comment of `action` and `key` on issue or pull request `number` say `body` (Markdown).

    Too long a body is cut (see `fit`) and ends in `pointer`. Duplicates, left by an earlier race, are deleted: the
    oldest stays. A lost answer is looked up before anything is written again, so no second comment appears.

    Raises GitHubError (MaybeDone if GitHub kept failing), PermissionNeeded, HttpError.
    """
    mark = marker(action, key)
    text = f"{mark}\n{fit(body, BODY_LIMIT - len(mark) - 1, pointer)}"

    def write(ours: list[dict[str, Any]], lost: str) -> Sticky:
        if not ours:
            made = github.post(f"/repos/{repository}/issues/{number}/comments", {"body": text})
            return Sticky(str(made["html_url"]), int(made["id"]), "created")
        return _edit(github, repository, ours[0], text, lost)

    return _settle(github, repository, number, mark, write, clock)


def retire(
    github: GitHubApi,
    repository: str,
    number: int,
    note: str,
    *,
    action: str,
    key: str = "",
    clock: Clock = REAL_CLOCK,
) -> Sticky | None:
    """Replace the comment by a short note ("resolved in abc1234"); None, and no write, where there is none.

    For `comment: on-failure` once the gate passes. Raises as `upsert`.
    """
    mark = marker(action, key)

    def write(ours: list[dict[str, Any]], lost: str) -> Sticky | None:
        return _edit(github, repository, ours[0], f"{mark}\n{note}", lost) if ours else None

    return _settle(github, repository, number, mark, write, clock)


def _settle(
    github: GitHubApi,
    repository: str,
    number: int,
    mark: str,
    write: Callable[[list[dict[str, Any]], str], Result],
    clock: Clock,
) -> Result:
    """List, heal, write; again from the list when an answer was lost or the comment vanished meanwhile."""
    lost = ""
    for attempt in range(1, TRIES + 1):
        ours = _ours(github, repository, number, mark)
        for look in range(1, LOOKS if lost == "POST" else 1):
            if not ours:
                clock.sleep(clock.backoff(look))
                ours = _ours(github, repository, number, mark)
        try:
            result = write(ours[:1], lost)
            _delete(github, repository, ours[1:])
        except (MaybeDone, NotFound) as error:
            # NotFound for a comment that was just listed: someone deleted it. Without one, the issue itself is gone.
            if attempt == TRIES or (isinstance(error, NotFound) and not ours):
                raise
            lost = error.call.partition(" ")[0] if isinstance(error, MaybeDone) else lost
            clock.sleep(clock.backoff(attempt))
        else:
            return result
    raise AssertionError("unreachable: the last try returns or raises")


def _edit(github: GitHubApi, repository: str, comment: dict[str, Any], text: str, lost: str) -> Sticky:
    """`lost` is the method of the write whose answer never came: if the comment says `text`, that one made it so."""
    url, number = str(comment["html_url"]), int(comment["id"])
    if _normal(str(comment.get("body") or "")) == _normal(text):
        return Sticky(url, number, BY_LOST_WRITE.get(lost, "unchanged"))
    github.patch(f"/repos/{repository}/issues/comments/{number}", {"body": text})
    return Sticky(url, number, "updated")


def _delete(github: GitHubApi, repository: str, duplicates: Iterable[dict[str, Any]]) -> None:
    for duplicate in duplicates:
        try:
            github.delete(f"/repos/{repository}/issues/comments/{int(duplicate['id'])}")
        except (NotFound, MaybeDone):
            continue  # gone, or the next run's list will tell


def _ours(github: GitHubApi, repository: str, number: int, mark: str) -> list[dict[str, Any]]:
    """Our comments, oldest first. All pages: a sticky comment is often older than a hundred others."""
    comments = github.pages(f"/repos/{repository}/issues/{number}/comments")
    marked = [comment for comment in comments if _starts_with(mark, str(comment.get("body") or ""))]
    identity = _Identity(github)
    return sorted((c for c in marked if identity.wrote(c.get("user") or {})), key=lambda c: int(c["id"]))


def _starts_with(mark: str, body: str) -> bool:
    return body.partition("\n")[0].rstrip("\r") == mark


class _Identity:
    """Who the token is, asked only when a marker by someone other than github-actions[bot] makes it matter."""

    def __init__(self, github: GitHubApi) -> None:
        self._github = github
        self._known: dict[str, str] = {}

    def wrote(self, user: dict[str, Any]) -> bool:
        login, kind = str(user.get("login", "")), str(user.get("type", ""))
        if kind == "Bot":
            return login == ACTIONS_BOT or login == self._login(kind)
        return kind == "User" and login != "" and login == self._login(kind)

    def _login(self, kind: str) -> str:
        if kind not in self._known:
            self._known[kind] = self._ask(kind)
        return self._known[kind]

    def _ask(self, kind: str) -> str:
        """The token's login, "" if it has none of this kind: an app's token is refused by GET /user."""
        try:
            if kind == "User":
                return str(self._github.get("/user")["login"])
            return str(self._github.query("query { viewer { login } }")["viewer"]["login"])
        except (PermissionNeeded, GitHubError) as error:
            if isinstance(error, MaybeDone) or getattr(error, "status", 403) not in (200, 403, 404):
                raise
            return ""


def _normal(body: str) -> str:
    """As GitHub may give it back: other line ends, no white space at the end."""
    return body.replace("\r\n", "\n").rstrip()
