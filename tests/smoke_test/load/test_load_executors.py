"""Who may start which iteration, and when: on a clock that is moved by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Thread
from time import sleep

from smoke_test.load.clock import Clock
from smoke_test.load.executors import NAP, Arrivals, Loop
from smoke_test.load.samples import Turn
from smoke_test.load.schedule import Schedule


@dataclass
class Hands:
    """A clock whose sleeper is woken `oversleep` seconds late."""

    time: float = 1000.0
    oversleep: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds + self.oversleep

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.time, self.sleep)


def arrivals(hands: Hands, rate: int = 10, duration: float = 1.0) -> Arrivals:
    return Arrivals(Schedule(rate, 1.0, duration), hands.clock, hands.time)


def turn(desk: Arrivals | Loop, free_since: float) -> Turn:
    found = desk.next(free_since)
    assert found is not None
    return found


def test_a_user_sleeps_until_its_iteration_is_due() -> None:
    hands = Hands()
    desk = arrivals(hands)
    assert [
        (one.index, one.due, round(one.began, 9), round(one.late, 9)) for one in (turn(desk, 0.0), turn(desk, 0.02))
    ] == [
        (0, 0.0, 0.0, 0.0),
        (1, 0.1, 0.1, 0.0),
    ]
    assert [round(one, 9) for one in hands.slept] == [0.1]


def test_a_late_start_is_our_own_lag_and_drops_nothing() -> None:
    hands = Hands(oversleep=0.35)
    desk = arrivals(hands)
    turn(desk, 0.0)
    late = turn(desk, 0.0)
    assert (late.index, round(late.late, 9)) == (1, 0.35)
    assert desk.settle(0.3) == 1, "nobody is free now, and what is due until here was for nobody"


def test_what_is_due_while_nobody_is_free_is_dropped_at_once_and_never_made_up_for() -> None:
    hands = Hands()
    desk = arrivals(hands)
    turn(desk, 0.0)
    hands.time += 0.55
    assert turn(desk, 0.55).index == 6
    assert desk.settle(0.0) == 5
    assert [desk.next(1.5), desk.settle(2.0)] == [None, 8], (
        "the stage has ended meanwhile: the last three were dropped too"
    )


def test_whoever_waits_is_free_so_nothing_is_dropped() -> None:
    hands = Hands()
    dropped: list[int] = []

    def sleep_and_look(seconds: float) -> None:
        hands.sleep(seconds)
        dropped.append(desk.settle(100.0))

    desk = Arrivals(Schedule(10, 1.0, 1.0), Clock(lambda: hands.time, sleep_and_look), hands.time)
    assert [turn(desk, 0.0).index, turn(desk, 0.0).index] == [0, 1]
    assert dropped == [0]
    assert desk.settle(100.0) == 8


def test_who_becomes_free_while_another_waits_drops_nothing_however_late_the_other_starts() -> None:
    hands = Hands()
    turns: list[Turn | None] = []
    second = Thread(target=lambda: turns.append(desk.next(0.45)))

    def sleep_while_the_second_joins(seconds: float) -> None:
        if not turns and not second.is_alive():
            second.start()
            sleep(0.05)  # until it waits for the lead
            hands.time += 0.5

    desk = Arrivals(Schedule(10, 1.0, 1.0), Clock(lambda: hands.time, sleep_while_the_second_joins), hands.time)
    turn(desk, 0.0)
    assert turn(desk, 0.0).index == 1
    second.join()
    assert [one.index for one in turns if one] == [2]
    assert desk.settle(0.0) == 0


def test_a_desk_that_is_closed_lets_the_sleeper_go() -> None:
    hands = Hands()

    def sleep_and_be_closed(seconds: float) -> None:
        hands.sleep(seconds)
        desk.close()

    desk = Arrivals(Schedule(1, 1.0, 60.0), Clock(lambda: hands.time, sleep_and_be_closed), hands.time + 30)
    assert desk.next(0.0) is None
    assert hands.slept == [NAP]


def test_the_closed_model_waits_for_the_start_then_begins_at_once_until_the_end() -> None:
    hands = Hands()
    desk = Loop(1.0, hands.clock, hands.time + 0.3)
    first = turn(desk, 0.0)
    hands.time += 0.5
    second = turn(desk, 0.5)
    assert [(one.index, one.late) for one in (first, second)] == [(0, 0.0), (1, 0.0)]
    assert [round(one.began, 9) for one in (first, second)] == [0.0, 0.5]
    hands.time += 0.5
    assert (desk.next(1.0), desk.settle(1.0)) == (None, 0)


def test_the_closed_model_can_be_closed() -> None:
    desk = Loop(1.0, Clock(), Clock().now() + 60)
    desk.close()
    assert desk.next(0.0) is None
