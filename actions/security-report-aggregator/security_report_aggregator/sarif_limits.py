"""What GitHub code scanning takes of one SARIF upload.

Sources: docs.github.com, "SARIF results exceed one or more limits", "SARIF results file is too large" and "SARIF
support for code scanning"; REST reference, "Upload an analysis as SARIF data". Above `kept` what is over is dropped
without a word; above the others the upload is refused.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a whole upload; tests lower them instead of making thousands of results.

    `gzip_bytes` is the smaller megabyte, since the pages do not say which. `document` is our own: bytes before packing.
    SARIF packs to a tenth and less, so more would hardly fit.
    """

    gzip_bytes: int = 10_000_000
    runs: int = 20
    results: int = 25_000
    kept_results: int = 5_000
    rules: int = 25_000
    document: int = 128 * 1024 * 1024


GITHUB = Limits()

MAX_EXTENSIONS = 100
MAX_LOCATIONS = 1_000
KEPT_LOCATIONS = 100
MAX_FLOW_LOCATIONS = 10_000
KEPT_FLOW_LOCATIONS = 1_000
MAX_TAGS = 20
KEPT_TAGS = 10

NAME_LENGTH = 255
"""Characters of a rule's name."""
TEXT_LENGTH = 1024
"""Characters of a rule's short and full description."""

LARGEST_NUMBER = 2**31 - 1
"""Of a line or column: what is larger is no file's."""
