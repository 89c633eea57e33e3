"""Rolling deploys, bad versions and going back; and that the recorded times are those on the wire."""

from __future__ import annotations

import itertools
import threading
import time

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from tests.sandbox.service.raw import get, hear

from sandbox.service import Replica, Schedule, Service, Transition, UnderWayError, release
from sandbox.service.transitions import gaps


def status(replica: Replica) -> int | None:
    """The status of /health; None where the port is closed."""
    found = hear((replica.address, replica.port), get())
    return found.status if found.data else None


def versions(service: Service) -> list[str]:
    return [requests.get(f"{replica.url}/version", timeout=5).json()["version"] for replica in service.replicas]


def test_a_rolling_deploy_replaces_one_replica_after_the_other(service: Service) -> None:
    assert versions(service) == ["1.4.1"] * 3
    rollout = service.rolling_deploy("1.5.0", gap_seconds=0.1, pause=0.05)
    rollout.wait(5)
    assert rollout.over
    assert versions(service) == ["1.5.0"] * 3
    order = [(one.server, one.what, one.note) for one in service.transitions if one.server != "balancer"][3:]
    assert order == [
        (f"replica-{number}", what, note) for number in (1, 2, 3) for what, note in (("closed", ""), ("open", "1.5.0"))
    ]
    closings = [one.at for one in service.transitions if one.what == "closed"]
    openings = [one.at for one in service.transitions if one.what == "open" and one.note == "1.5.0"]
    assert all(0.1 <= end - start < 1 for start, end in zip(closings, openings, strict=True))
    assert all(0.05 <= later - before < 1 for before, later in zip(openings, closings[1:], strict=False))


def test_the_recorded_gap_is_the_one_a_client_sees(service: Service) -> None:
    """A client that connects all the time is refused only inside the recorded gap, and served only outside of it."""
    replica = service.replicas[0]
    tried: list[tuple[float, int | None, float]] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            began = time.monotonic()
            tried.append((began, status(replica), time.monotonic()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    time.sleep(0.05)
    service.rolling_deploy("1.5.0", gap_seconds=0.2, pause=0).wait(5)
    stop.set()
    watcher.join()
    (gap,) = service.gaps(0)
    assert gap.end is not None
    refused = [(began, ended) for began, found, ended in tried if found is None]
    served = [(began, ended) for began, found, ended in tried if found == 200]
    assert refused
    # Between the close and the reading of the clock another thread may have run.
    assert all(ended >= gap.start - 0.05 and began <= gap.end for began, ended in refused)
    assert not [1 for began, ended in served if gap.start < began and ended < gap.end]


def test_only_one_deploy_is_under_way(service: Service) -> None:
    rollout = service.rolling_deploy("1.5.0", gap_seconds=0.3)
    assert service.deploying
    with pytest.raises(UnderWayError, match=r"1\.5\.0 is being deployed"):
        service.rolling_deploy("1.6.0")
    with pytest.raises(TimeoutError, match="not over"):
        rollout.wait(0)


def test_going_back_abandons_a_deploy_and_restores_the_version_before(service: Service) -> None:
    service.rolling_deploy("1.5.0", gap_seconds=0.02, pause=30)
    while service.replicas[0].version != "1.5.0":
        time.sleep(0.02)
    service.rollback(gap_seconds=0.02, pause=0).wait(5)
    assert versions(service) == ["1.4.1"] * 3
    with pytest.raises(UnderWayError, match="no version to go back to"):
        service.rollback()


def test_a_bad_version_answers_well_for_so_many_requests_and_going_back_heals_it(service: Service) -> None:
    service.bad_version("2.0.0", after_requests=2, status=500, gap_seconds=0, pause=0).wait(5)
    assert [status(service.replicas[0]) for _ in range(4)] == [200, 200, 500, 500]
    assert status(service.replicas[1]) == 200, "every replica counts its own"
    service.rollback(gap_seconds=0, pause=0).wait(5)
    assert [status(service.replicas[0]) for _ in range(4)] == [200] * 4


def test_a_bad_version_answers_well_for_so_many_seconds(service: Service) -> None:
    service.bad_version("2.0.0", after_seconds=0.5, gap_seconds=0, pause=0).wait(5)
    assert status(service.replicas[0]) == 200
    time.sleep(0.55)
    assert status(service.replicas[0]) == 500


def test_a_port_that_is_refused_stays_closed_through_a_deploy(service: Service) -> None:
    service.fault("refuse", on=0)
    service.rolling_deploy("1.5.0", gap_seconds=0, pause=0).wait(5)
    assert [status(replica) for replica in service.replicas] == [None, 200, 200]
    service.mend()
    assert versions(service) == ["1.5.0"] * 3


def test_a_commit_belongs_to_its_version() -> None:
    assert release("1.5.0") == release("1.5.0")
    assert len({release(version).build for version in ("1.4.1", "1.5.0")}) == 2
    assert len(release("1.5.0").build) == 40


@pytest.mark.parametrize(
    ("schedule", "struck"),
    [
        (Schedule(), "XXXXXX"),
        (Schedule(every=2), ".X.X.X"),
        (Schedule(after_requests=3), "...XXX"),
        (Schedule(after_requests=1, every=2), "..X.X."),
        (Schedule(times=2), "XX...."),
        (Schedule(after_seconds=2), "..XXXX"),
        (Schedule(seconds=3), "XXX..."),
        (Schedule(after_seconds=1, seconds=2, times=1), ".X...."),
    ],
)
def test_a_schedule_says_which_of_them_are_hit(schedule: Schedule, struck: str) -> None:
    """One a second, beginning at once."""
    shown, hits = "", 0
    for second in range(6):
        hit = schedule.strikes(second + 1, hits, second)
        hits += hit
        shown += "X" if hit else "."
    assert shown == struck


@given(lengths=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=8))
def test_downtime_is_the_sum_of_what_was_closed(lengths: list[tuple[int, int]]) -> None:
    """Times (up, down) in turns; other servers and other news do not count."""
    times = list(itertools.accumulate([0, *itertools.chain.from_iterable(lengths)]))
    whats = itertools.cycle(["open", "closed"])
    news = [Transition(at, "a", what) for at, what in zip(times, whats, strict=False)]  # type: ignore[arg-type]
    noise = [Transition(at, "b", "closed") for at in times] + [Transition(times[-1], "a", "fault", "status")]
    found = gaps([*news, *noise], "a")
    assert sum(gap.seconds for gap in found) == sum(down for _, down in lengths)
    assert len(found) == len(lengths)


def test_downtime_that_lasts_has_no_end() -> None:
    (gap,) = gaps([Transition(1, "a", "open"), Transition(2, "a", "silent"), Transition(3, "a", "closed")], "a")
    assert (gap.start, gap.end, gap.seconds) == (2, None, 0.0)
