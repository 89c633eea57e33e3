"""A run that goes wrong says so on the pull request, where else an earlier one would still say that all is well."""

from __future__ import annotations

import pytest

from maintain.actions import ACTIONS
from sandbox.consumer import Consumer, comment_of


@pytest.mark.parametrize("name", [action.name for action in ACTIONS])
def test_wrong_inputs_stand_in_the_comment(shop: Consumer, name: str) -> None:
    pull, event = shop.open_pull("docs", {"README.md": "# The shop\n"})
    shown = shop.run(name, on=event, with_={"mode": "perhaps"})
    assert shown.exit_code == 2
    assert shown.outputs["comment-url"].endswith(f"#issuecomment-{pull.comments[0].id}")
    assert "perhaps" in comment_of(pull)
    assert "error" in comment_of(pull).splitlines()[1]
    assert shop.hub.violations == []
