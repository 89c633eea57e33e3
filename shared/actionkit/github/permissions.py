"""Which permission a refused call needs, and the YAML that grants it."""

from __future__ import annotations

import re
from dataclasses import dataclass

GRANTABLE = frozenset(
    {
        "actions", "attestations", "checks", "contents", "deployments", "discussions", "issues", "packages", "pages",
        "pull-requests", "repository-projects", "security-events", "statuses",
    }
)  # fmt: skip
"""What `permissions:` can give GITHUB_TOKEN (docs.github.com: "Workflow syntax", `permissions`)."""

MISSING = re.compile(r"resource not accessible|must have (admin|push|write)|permission .*denied", re.IGNORECASE)

BY_PATH = (
    (r"/issues/(comments|\d+/comments)", "pull-requests"),
    (r"/issues|/labels|/milestones", "issues"),
    (r"/pulls", "pull-requests"),
    (r"/actions", "actions"),
    (r"/deployments", "deployments"),
    (r"/code-scanning", "security-events"),
    (r"/statuses", "statuses"),
    (r"/check-(runs|suites)", "checks"),
    (r"/packages", "packages"),
)


@dataclass(frozen=True, slots=True)
class Needed:
    """`name` is `pull-requests: write` (alternatives joined by " or "), `fix` the text to act on, with YAML."""

    name: str
    fix: str


def is_missing(message: str) -> bool:
    """Whether GitHub's 403 message means that the token lacks a permission."""
    return MISSING.search(message) is not None


def needed(method: str, path: str, accepted: str) -> Needed:
    """The permission a call needs.

    `accepted` is the header X-Accepted-GitHub-Permissions: sets separated by `;`, any one of which is enough, each a
    comma-separated list of `name=level` that are all needed. Without it the path says enough for the calls we make.
    """
    sets = [_read(group) for group in accepted.split(";") if "=" in group] or [{_by_path(path): _level(method)}]
    name = " or ".join(", ".join(f"{key}: {level}" for key, level in group.items()) for group in sets)
    grantable = [group for group in sets if group.keys() <= GRANTABLE]
    if not grantable:
        return Needed(name, "GITHUB_TOKEN cannot have it: pass a fine-grained or GitHub App token that does")
    chosen = next((group for group in grantable if "pull-requests" in group), grantable[0])
    yaml = "\n".join(["permissions:", *(f"  {key}: {level}" for key, level in chosen.items())])
    return Needed(
        name,
        f"Add to the job:\n{yaml}\n(on a pull request from a fork GitHub gives a read-only token whatever is asked)",
    )


def _read(group: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in group.split(",") if "=" in pair)
    return {key.strip().replace("_", "-"): level.strip() for key, _, level in pairs}


def _by_path(path: str) -> str:
    return next((name for pattern, name in BY_PATH if re.search(pattern, path)), "contents")


def _level(method: str) -> str:
    return "read" if method == "GET" else "write"
