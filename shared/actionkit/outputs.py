"""The outputs every action has, and all outputs of an action as texts."""

from __future__ import annotations

from typing import Any

from actionkit.action import Action, Output
from actionkit.outcome import Outcome, Verdict


def common(outcome_path: str) -> dict[str, Output]:
    """`verdict`, `headline` and `outcome`, in the order they are documented."""
    return {
        "verdict": Output(
            "What the action says in one word.",
            lambda outcome: outcome.verdict.value,
            kind="enum",
            choices=tuple(verdict.value for verdict in Verdict),
        ),
        "headline": Output("The verdict's reason in one line.", lambda outcome: outcome.headline),
        "outcome": Output("Path of the outcome file (JSON) in the workspace.", lambda _: outcome_path),
    }


def texts(action: Action[Any], outcome: Outcome, outcome_path: str) -> dict[str, str]:
    """Every output of the action by name."""
    return {name: output.value(outcome) for name, output in {**common(outcome_path), **action.outputs}.items()}
