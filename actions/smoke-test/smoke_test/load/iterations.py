"""What a virtual user does: the steps of a test, sent and judged as in the smoke run, without retries.

Nothing that an answer holds is ever told from here: a failed request is known by what was expected of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from actionkit.action import nothing
from actionkit.asserts import Subject
from actionkit.errors import ActionkitError
from actionkit.untrusted import one_line, shortened
from actionkit.web.model import Phase, Trouble
from smoke_test import auth, sending
from smoke_test.auth import Client
from smoke_test.expectations import judged, terminal
from smoke_test.halt import Halt
from smoke_test.load.checks import Check, held, named
from smoke_test.load.samples import Sample, Turn, connection_seconds, exchange_seconds
from smoke_test.load.users import User
from smoke_test.model import Load, Step, Test
from smoke_test.step_run import Ground, Session, sent

LONGEST_REASON = 200
UNFINISHED = "unfinished when `graceful_stop` was over"
_UNSENT = (Phase.DNS, Phase.TCP, Phase.PROXY, Phase.TLS)


def under_load(load: Load, tests: Sequence[Test]) -> tuple[Test, ...]:
    """The tests that carry one of the stage's tags; all of them where it names none."""
    return tuple(test for test in tests if not load.tags or set(load.tags) & set(test.tags))


def recruiter(tests: Sequence[Test], base: Session, ground: Ground) -> Callable[[], User]:
    """Makes virtual users. Each of their iterations begins with the variables and cookies of `base`."""
    checks = {id(step): named(step) for test in tests for step in test.steps}
    return lambda: TestUser(tests, base, ground, checks)


class TestUser:
    """Runs the tests in turns, over connections of its own."""

    def __init__(
        self, tests: Sequence[Test], base: Session, ground: Ground, checks: dict[int, tuple[tuple[str, str], ...]]
    ) -> None:
        self._tests, self._base, self._ground, self._checks = tests, base, ground, checks
        self._clients: dict[bool, Client] = {}

    def iterate(self, turn: Turn, halt: Halt) -> Iterator[Sample]:
        """The steps of the test whose turn it is, until one fails, as in the smoke run."""
        test = self._tests[turn.index % len(self._tests)]
        session = Session(dict(self._base.variables), self._base.jar.copy(), self._client, self._base.missing)
        late = turn.late
        for step in test.steps:
            if step.options.skip:
                continue
            if not halt.waited(min(step.options.delay, max(halt.left, 0.0))) or halt.stopped:
                return
            sample = self._request(test.name, step, session, halt, late)
            yield sample
            if sample.failed:
                return
            late = 0.0

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _client(self, insecure: bool) -> Client:
        if insecure not in self._clients:
            self._clients[insecure] = self._base.make_client(insecure)
        return self._clients[insecure]

    def _request(self, test: str, step: Step, session: Session, halt: Halt, late: float) -> Sample:
        ground, checks = self._ground, self._checks[id(step)]
        try:
            request = sending.request(step, ground.base_url, session.variables, ground.doors.read_file)
            request = auth.authorized(request, step.send.auth, session.variables)
            answer = sent(request, step, session, ground, halt)
            subject = Subject(answer, ground.doors.now())
            came = judged(step, subject, session.variables, ground.schemas, nothing)
            ended = terminal(step, subject, session.variables)
        except ActionkitError as error:
            told = UNFINISHED if halt.stopped else error.detail if isinstance(error, Trouble) else str(error)
            return _without_answer(test, step, error, told, held(checks, [name for name, _ in checks]), late)
        session.variables.update(came.captured)
        failed = [one.expected for one in (*came.failures, *((ended,) if ended else ()))]
        return Sample(
            test=test,
            step=step.name,
            method=step.send.method,
            status=answer.status,
            failed=bool(failed),
            seconds=exchange_seconds(answer),
            late=late,
            timings=answer.timings,
            reason=_short(f"{step.name}: status {answer.status}, expected: {failed[0]}") if failed else "",
            checks=held(checks, failed),
        )


def _without_answer(
    test: str, step: Step, error: ActionkitError, told: str, checks: tuple[Check, ...], late: float
) -> Sample:
    """A request without an answer, or a step that could not even be sent: what it captured made no request."""
    trouble = error if isinstance(error, Trouble) else None
    return Sample(
        test=test,
        step=step.name,
        method=step.send.method,
        status=trouble.status if trouble else None,
        failed=True,
        seconds=max(0.0, trouble.seconds - connection_seconds(trouble.timings)) if trouble else 0.0,
        sent=trouble is not None and trouble.phase not in _UNSENT,
        late=late,
        reason=_short(f"{step.name}: {told}"),
        checks=checks,
    )


def _short(text: str) -> str:
    return shortened(one_line(text), LONGEST_REASON)
