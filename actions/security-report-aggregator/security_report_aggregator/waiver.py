"""One exception from the policy, wherever it is written: our policy file, a scanner's ignore file, or VEX."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from actionkit.origin import Origin
from actionkit.scope import Scope
from security_report_aggregator.model import Category

ANYWHERE = Scope()


@dataclass(frozen=True, slots=True)
class Waiver:
    """What it covers: every kind that is given must match, one of each is enough (`waivers.covers`).

    `ids` are advisory ids, matched over all aliases of a weakness. `rules` are rule ids, with `tool/` before them for
    one scanner only. `packages` are names, `type/name`, `name@version` or purls. `scope` are path globs. `until` is the
    last day it counts, None for ever. `approved_by` names the person or team. `source` is the kind of file it is in
    (`policy`, `own`, `trivyignore`, `osv-scanner`, `openvex`, `cyclonedx`). `on_base` is True if the same waiver
    stands on the base branch, so that no pull request approves itself. `status` and `justification` are VEX's.
    """

    origin: Origin
    reason: str
    ids: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    scope: Scope = ANYWHERE
    categories: tuple[Category, ...] = ()
    until: date | None = None
    approved_by: str = ""
    source: str = "policy"
    on_base: bool = True
    status: str = ""
    justification: str = ""

    def active(self, today: date) -> bool:
        return self.until is None or today <= self.until
