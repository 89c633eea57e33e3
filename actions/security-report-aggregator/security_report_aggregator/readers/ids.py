"""Ids that stand in addresses and free text of reports."""

from __future__ import annotations

import re

_IDS = re.compile(
    r"\b(?:CVE-[0-9]{4}-[0-9]{4,19}|GHSA(?:-[0-9a-z]{4}){3}|PYSEC-[0-9]{4}-[0-9]+|PVE-[0-9]{4}-[0-9]+|MAL-[0-9]{4}-[0-9]+)\b",
    re.IGNORECASE,
)


def ids_in(*values: object) -> tuple[str, ...]:
    """The CVE, GHSA, PYSEC, PVE and MAL ids in texts (addresses too) and lists of texts, each once, in order."""
    found: dict[str, None] = {}
    for value in values:
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                found.update(dict.fromkeys(_issued(one) for one in _IDS.findall(text[:10_000])))
    return tuple(found)


def _issued(found: str) -> str:
    issuer, _, rest = found.partition("-")
    return f"{issuer.upper()}-{rest.lower()}"
