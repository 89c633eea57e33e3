"""One record a commit: which commits the index remembers, and where the records lie."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from actionkit.commit_index import KEPT, Index, Records


@dataclass(frozen=True)
class Push:
    sha: str
    recorded_at: float
    headline: str = ""


def index_of(*entries: Push, keep: int = KEPT) -> Index[Push]:
    index: Index[Push] = Index()
    for entry in entries:
        index = index.adding(entry, keep)
    return index


def test_the_newest_record_stands_first_and_the_oldest_fall_off() -> None:
    index = index_of(Push("a", 10.0), Push("c", 30.0), Push("b", 20.0), keep=2)
    assert [entry.recorded_at for entry in index.entries] == [30.0, 20.0]
    assert index_of(Push("a", 1.0), keep=0) == Index()


def test_a_re_run_replaces_its_record_in_its_place() -> None:
    index = index_of(Push("a", 10.0), Push("b", 20.0))
    again = index.adding(Push("a", 99.0, "better"))
    assert again.entries == (Push("b", 20.0), Push("a", 10.0, "better"))
    assert again.adding(Push("a", 100.0, "better")) == again


@given(st.lists(st.builds(Push, st.sampled_from("abcdef"), st.floats(0, 1e9))), st.integers(1, 4))
def test_every_commit_stands_once_with_the_time_it_was_first_recorded(pushes: list[Push], keep: int) -> None:
    whole = index_of(*pushes)
    first: dict[str, float] = {}
    for push in pushes:
        first.setdefault(push.sha, push.recorded_at)
    assert {entry.sha: entry.recorded_at for entry in whole.entries} == first
    assert len(whole.entries) == len(first)
    assert list(whole.entries) == sorted(whole.entries, key=lambda entry: (-entry.recorded_at, entry.sha))
    if pushes:
        assert whole.adding(pushes[-1], keep).entries == whole.entries[:keep]


def test_records_lie_in_a_folder_of_the_action() -> None:
    records = Records("smoke-test", lambda data: Index((Push(data.decode(), 1.0),)), lambda _: b"")
    assert records.index_path == "smoke-test/index.json"
    assert records.commit_path("a" * 40) == f"smoke-test/commits/{'a' * 40}.json"
