"""Our own ignore file as a pydantic model: `waivers:`, each as in the policy file.

Apart from `own` because pydantic takes longer to import than most files to read.
"""

from __future__ import annotations

from pydantic import Field

from actionkit.policy_types import Part
from security_report_aggregator.policy_file import WaiverConfig


class OwnFile(Part):
    """Waivers in a file of their own."""

    waivers: tuple[WaiverConfig, ...] = Field(description="Findings that do not count until a day.")
