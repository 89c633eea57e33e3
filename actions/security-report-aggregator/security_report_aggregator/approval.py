"""Approval as code: whether a waiver counts for a level that somebody must approve, and what it lacks. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from actionkit.untrusted import one_line, shortened
from security_report_aggregator.policy import Approval
from security_report_aggregator.waiver import Waiver

SCANNER = "scanner"
"""`Waiver.source` of what a scanner was told to set aside: a comment in the code, its own configuration."""


class Lack(NamedTuple):
    """Why a waiver does not count, and how to get what it lacks."""

    why: str
    fix: str


def lacking(waiver: Waiver, approval: Approval | None, today: date) -> tuple[Lack, ...]:
    """Everything the waiver lacks to count; empty if it counts. `approval` is that of the weakness's level."""
    lacks: list[Lack] = []
    if not waiver.active(today) and waiver.until is not None:
        why = f"it expired after {waiver.until.isoformat()}"
        lacks.append(Lack(why, "Set a later `until` with a reason that holds today."))
    if approval is None:
        return tuple(lacks)
    if waiver.source == SCANNER:
        why = f"it is a scanner's own suppression, which {approval.team} cannot approve"
        fix = f"Write a waiver with `approved_by: {_quoted(approval.team)}` in the policy file."
        return (*lacks, Lack(why, fix))
    if approval.base_branch_only and not waiver.on_base:
        lacks.append(Lack("it does not stand on the base branch", "Merge the waiver by itself first."))
    if not _same(waiver.approved_by, approval.team):
        given = shortened(one_line(waiver.approved_by), 80)
        why = f"it is approved by {given or 'nobody'}, not by {approval.team}"
        lacks.append(Lack(why, _approve(waiver, approval)))
    return tuple(lacks)


def narrow(versions: Collection[str]) -> Lack:
    """What a waiver lacks that names a version while others are in use too."""
    others = ", ".join(shortened(one_line(version), 40) for version in sorted(versions)[:3])
    return Lack(f"version {others} is in use too, which it does not name", "Name every version in use, or upgrade it.")


def said(lacks: Sequence[Lack], approval: Approval | None) -> str:
    """All of them in one clause, with who asks for an approval."""
    whys = " and ".join(lack.why for lack in lacks)
    return whys if approval is None else f"{whys}, as {approval.origin} asks"


def _approve(waiver: Waiver, approval: Approval) -> str:
    quoted = _quoted(approval.team)
    if waiver.source in ("policy", "own"):
        return f"Have {approval.team} approve it, and write `approved_by: {quoted}` there."
    return (
        f"Have {approval.team} approve it, and write it in `waivers` of the policy file, with `approved_by: {quoted}`: "
        "this kind of file has no place for it."
    )


def _quoted(team: str) -> str:
    return f'"{team}"' if team.startswith("@") else team


def _same(one: str, other: str) -> bool:
    """GitHub's names of people and teams do not tell case; `@org/team` is `org/team`."""
    return one.strip().removeprefix("@").casefold() == other.strip().removeprefix("@").casefold()
