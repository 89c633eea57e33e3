"""What was asked of the server, in order, and which permissions that took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .tokens import Access, Need


@dataclass(frozen=True)
class RequestRecord:
    """One request. `template` is the path as GitHub's description spells it, None for a path it does not know.

    `token` names who asked (login, or None), never the secret. `need` is the permission that let it through or that
    was missing. `fault` names the behaviour that touched it, if any.
    """

    method: str
    path: str
    template: str | None
    query: Mapping[str, str]
    body: Any
    token: str | None
    status: int
    need: Need | None = None
    fault: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def permissions_used(records: list[RequestRecord]) -> dict[str, Access]:
    """The least `permissions:` of a workflow under which these requests succeed, sorted by name.

    Refused requests (401, 403) used nothing. `metadata` is left out: every token has it, and no workflow can name it.
    """
    used: dict[str, Access] = {}
    for record in records:
        need = record.need
        if need is None or record.status in (401, 403) or need.scope == "metadata":
            continue
        if need.access == "write" or need.scope not in used:
            used[need.scope] = need.access
    return dict(sorted(used.items()))
