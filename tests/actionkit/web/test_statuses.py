from __future__ import annotations

import pytest

from actionkit.errors import InputError
from actionkit.web.statuses import statuses


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("200", (200,), (199, 201)),
        ("200-399", (200, 301, 399), (199, 400)),
        ("2xx", (200, 299), (300,)),
        ("2XX, 404", (204, 404), (403,)),
        ("200 - 204 401", (200, 204, 401), (205,)),
    ],
)
def test_statuses_are_numbers_ranges_and_classes(text: str, inside: tuple[int, ...], outside: tuple[int, ...]) -> None:
    wanted = statuses(text)
    assert all(status in wanted for status in inside)
    assert not any(status in wanted for status in outside)


@pytest.mark.parametrize("text", ["", "ok", "99", "600", "399-200", "200-", "20x", "200;300"])
def test_anything_else_is_refused_with_what_is_accepted(text: str) -> None:
    with pytest.raises(InputError, match="200-399"):
        statuses(text)


def test_statuses_are_shown_as_they_were_written() -> None:
    assert str(statuses("200,  2xx")) == "200 2xx"
