"""The outputs, read from an outcome's data, which in a relayed outcome nobody vouches for: what is off is empty."""

from __future__ import annotations

import math
from collections.abc import Callable

from actionkit.outcome import Outcome, Verdict
from actionkit.pages import items, mappings
from actionkit.untrusted import one_line
from health_wait.model import Result

LARGEST = 10**9

Figure = Callable[[Outcome], str]


def result(outcome: Outcome) -> str:
    """One of the results, also where nothing was watched: then the verdict tells which."""
    found = outcome.data.get("result")
    if isinstance(found, str) and found in {one.value for one in Result}:
        return found
    return (Result.MISCONFIGURED if outcome.verdict is Verdict.ERROR else Result.INCONCLUSIVE).value


def number(name: str) -> Figure:
    """A number in `data`, without needless zeros; "" where there is none."""

    def value(outcome: Outcome) -> str:
        found = outcome.data.get(name)
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= LARGEST:
            return ""
        return f"{found:.6f}".rstrip("0").rstrip(".") if math.isfinite(found) else ""

    return value


def availability(outcome: Outcome) -> str:
    """The worst target's availability in percent; "" where none ever served."""
    share = number("availability")(outcome)
    return f"{float(share) * 100:.4f}".rstrip("0").rstrip(".") if share and float(share) <= 1 else ""


def failed_targets(outcome: Outcome) -> str:
    """The targets that are not healthy, one a line."""
    return "\n".join(one_line(name) for name in items(outcome.data.get("failed_targets")) if isinstance(name, str))


def diagnosis(outcome: Outcome) -> str:
    found = outcome.data.get("diagnosis")
    return one_line(found) if isinstance(found, str) else ""


def version(outcome: Outcome) -> str:
    """The version that all targets and replicas answer which state one; "" where they differ, or none does."""
    targets = mappings(outcome.data.get("targets"))
    speakers = [speaker for target in targets for speaker in (target, *mappings(target.get("replicas")))]
    stated = {str(speaker["version"]) for speaker in speakers if isinstance(speaker.get("version"), str)} - {""}
    return one_line(stated.pop()) if len(stated) == 1 else ""
