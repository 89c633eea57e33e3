"""What the matchers hand to `identity`: findings that are one weakness, and what makes its id."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from security_report_aggregator.model import Finding

Lines = Callable[[str, int], str | None]
"""The source text of `path` and line (from 1), None where it is unknown."""


class Row(NamedTuple):
    """`key` holds only what survives moved lines and new runs (`key_of`); no two rows of a run share one."""

    key: str
    findings: list[Finding]
    aliases: tuple[str, ...] = ()


def key_of(*parts: str) -> str:
    """One text for several, such that different parts never give the same text."""
    return "".join([f"{len(part)}:{part}" for part in parts])
