"""GitHub for every action: one client with one set of rules, and what is built on it.

`client` sends, `comments` keeps one sticky comment, `history` keeps files on an orphan branch, `artifacts` finds
trusted artifacts, `pulls` reads pull requests and comparisons. Nothing here imports PyGithub before a request.
"""

from __future__ import annotations

from actionkit.github.api import GitHubApi
from actionkit.github.client import GitHub
from actionkit.github.errors import (
    BadToken,
    Conflict,
    Forbidden,
    GitHubError,
    Invalid,
    MaybeDone,
    NotFound,
    RateLimited,
    ServerError,
)
from actionkit.github.limits import Clock

__all__ = [
    "BadToken",
    "Clock",
    "Conflict",
    "Forbidden",
    "GitHub",
    "GitHubApi",
    "GitHubError",
    "Invalid",
    "MaybeDone",
    "NotFound",
    "RateLimited",
    "ServerError",
]
