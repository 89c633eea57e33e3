"""Taking secrets out of a whole outcome at once finds what taking them out of each text finds."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from hypothesis import example, given
from hypothesis import strategies as st

from actionkit.outcome import Link, Outcome, Problem, Run, Verdict
from actionkit.publish import cleaned
from actionkit.redact import Redactor

SECRET = 'gh+s/secret "of=mine"'
REDACTOR = Redactor([SECRET])

pieces = st.sampled_from(
    [
        SECRET,
        SECRET[:9],
        SECRET[9:],
        quote(SECRET, safe=""),
        b64encode(b"x:" + SECRET.encode()).decode(),
        SECRET.encode().hex(),
        "https://user:pass@",
        "https://",
        "user:pass@host",
        "Authorization: Bearer ",
        "token",
        "\\",
        "\n",
        "\0",
        "%",
        "2B",
        "&#",
        "a",
        " ",
    ]
)
texts = st.lists(pieces, max_size=4).map("".join)
values = st.recursive(
    texts | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


def one_by_one(value: Any) -> Any:
    if isinstance(value, str):
        return REDACTOR.text(value)
    if isinstance(value, list):
        return [one_by_one(item) for item in value]
    if isinstance(value, Mapping):
        return {REDACTOR.text(key): one_by_one(item) for key, item in value.items()}
    return value


@given(values)
@example([SECRET[:9], SECRET[9:]])
@example(["Authorization: Bearer ", "token"])
@example(["a\\", SECRET])
def test_every_text_is_what_it_would_be_on_its_own(value: Any) -> None:
    # A seam between two texts may look like a secret and cost a second look; it never changes a text.
    found = cleaned(value, REDACTOR)
    assert found == one_by_one(value)


@given(texts)
def test_wherever_in_an_outcome_a_secret_stands_it_is_taken_out(text: str) -> None:
    outcome = Outcome(
        "gate",
        Verdict.FAIL,
        text,
        problems=(Problem("fine"), Problem(text, text, path=text)),
        links=(Link("title", text),),
        data={"deep": [{text: [1, None, text]}], "fine": "nothing to see"},
        run=Run(job=text),
    )
    clean = REDACTOR.text(text)
    assert cleaned(outcome, REDACTOR) == Outcome(
        "gate",
        Verdict.FAIL,
        clean,
        problems=(Problem("fine"), Problem(clean, clean, path=clean)),
        links=(Link("title", clean),),
        data={"deep": [{clean: [1, None, clean]}], "fine": "nothing to see"},
        run=Run(job=clean),
    )
