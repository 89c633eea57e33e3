"""What reports of vulnerable packages have in common: ids of weaknesses, and scores beside the scanner's own word."""

from __future__ import annotations

import re
from collections.abc import Iterable

from security_report_aggregator import severity
from security_report_aggregator.model import Rated

_WEAKNESS = re.compile(
    r"CVE-\d{4}-\d{4,}"
    r"|GHSA(?:-[0-9a-z]{4}){3}"
    r"|(?:BIT|CGA|GMS|GO|GSD|HSEC|MAL|OSV|PYSEC|RSEC|RUSTSEC|SNYK|TEMP)-[\w.-]+",
    re.IGNORECASE,
)


def weakness_ids(own: str, others: Iterable[str] = ()) -> tuple[str, ...]:
    """Those of the ids that name one weakness; `own` is the id the scanner leads with.

    A vendor's bulletin (DSA-…, RHSA-…, ALAS-…) names an update, and an update mends many weaknesses: taken for an
    alias it would make one weakness of them all. For the same reason nothing but `own` is left of ids with two CVEs.
    """
    found = tuple(dict.fromkeys(one for one in (own, *others) if len(one) <= 100 and _WEAKNESS.fullmatch(one)))
    if sum(one.upper().startswith("CVE-") for one in found) > 1:
        return tuple(one for one in found if one == own)
    return found


def rated(word: object, source: str, scores: Iterable[object]) -> Rated:
    """The scanner's own word, with the first of the CVSS scores that says the same.

    Scanners list scores of several sources; one in another band would contradict the word it stands beside.
    """
    said = severity.by_word(word, source)
    for score in scores:
        scored = severity.by_score(score, "")
        if scored.level is said.level and scored.score is not None:
            return said._replace(score=scored.score)
    return said
