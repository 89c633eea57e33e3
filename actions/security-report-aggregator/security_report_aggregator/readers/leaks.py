"""What the readers of secret scanners share: a finding that says where a secret is and never what it is."""

from __future__ import annotations

import re

from security_report_aggregator.document import Document
from security_report_aggregator.model import UNRATED, Category, Finding, Location, Rated, Rule

# gitleaks writes REDACTED for the whole secret, and its beginning with dots for `--redact=50`; others write stars.
_HIDDEN = re.compile(r"\s*|\**|.*REDACTED.*|.*\.\.\.", re.DOTALL)


def digest(document: Document, secret: object) -> str:
    """The keyed digest of a secret; "" where the report hides it, so that two hidden ones are never equal."""
    if not isinstance(secret, str) or _HIDDEN.fullmatch(secret):
        return ""
    return document.digest(secret)


def leak(
    tool: str,
    rule: Rule,
    location: Location | None,
    *,
    secret: str,
    commit: str = "",
    rated: Rated = UNRATED,
    confidence: str = "",
    suppressed: str = "",
    instances: int = 1,
    url: str = "",
) -> Finding:
    """A secret that `rule` found. `secret` is its digest, `commit` where it was seen: it may be gone from the tree."""
    seen = f", committed in {commit[:12]}" if commit else ""
    return Finding(
        category=Category.SECRET,
        tool=tool,
        rule=rule,
        rated=rated,
        message=f"{rule.name or rule.id}{seen}",
        location=location,
        secret=secret,
        confidence=confidence,
        suppressed=suppressed,
        instances=instances,
        url=url,
    )
