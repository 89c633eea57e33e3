"""Who asks for something, as a message says it."""

from __future__ import annotations

from actionkit.origin import Origin


def test_an_origin_names_its_place() -> None:
    assert str(Origin("fail-under")) == "`fail-under`"
    assert str(Origin("fail_under", "c.yml")) == "`fail_under` in c.yml"
    assert str(Origin("fail_under", "c.yml", 3)) == "`fail_under` in c.yml:3"
