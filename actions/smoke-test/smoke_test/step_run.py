"""One step from its first attempt to its result."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from threading import Event, Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from actionkit.action import nothing
from actionkit.asserts import Subject, Unset
from actionkit.errors import ActionkitError
from actionkit.nearest import nearest
from actionkit.redact import Redactor
from actionkit.surroundings import Surroundings, why_refused
from actionkit.web.failure import Failure as NoUrl
from actionkit.web.model import Answer, Cause, Limits, Request, Trouble
from actionkit.web.url import parsed
from smoke_test import auth, sending
from smoke_test.auth import Client
from smoke_test.expectations import failure, judged, terminal
from smoke_test.halt import Halt, Pause
from smoke_test.model import Failure, State, Step, StepResult
from smoke_test.schema_check import Schemas

if TYPE_CHECKING:
    from actionkit.web.cookies import Jar

ENDLESS = 1000
"""`retry: -1` ends after so many times `max_time`."""

# No further attempt can mend these: the plan or the input `allow-hosts` has to change.
HARD = (Cause.BAD_REQUEST, Cause.FORBIDDEN_ADDRESS)


def unheard(_: StepResult) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDoors:
    """The ways to the outside of a run. `client` makes one for one thread, certificate checks off where it is True;
    `read_file` gives a file of the workspace or raises Unreadable. `done` hears of each result as it comes, `hide` of
    each captured secret; neither is called by two threads at once."""

    client: Callable[[bool], Client]
    read_file: Callable[[str], bytes]
    now: Callable[[], datetime]
    hide: Callable[[str], None] = nothing
    done: Callable[[StepResult], None] = unheard
    clock: Callable[[], float] = monotonic
    pause: Pause = Event.wait
    surroundings: Surroundings = Surroundings()


class Ground:
    """What all threads of a run stand on. `base_url` is filled."""

    def __init__(self, base_url: str, secrets: tuple[str, ...], doors: RunDoors) -> None:
        self.base_url, self.doors = base_url, doors
        self.schemas = Schemas(doors.read_file)
        self.began = doors.clock()
        # A host name is shown in lower case, whatever made it.
        self._redactor, self._lock = Redactor((*secrets, *map(str.lower, secrets))), Lock()
        self.redacted = self._redactor.text

    def elapsed(self) -> float:
        return self.doors.clock() - self.began

    def keep_secret(self, secret: str) -> None:
        with self._lock:
            self._redactor.learn([secret, secret.lower()])
            self.doors.hide(secret)

    def done(self, result: StepResult) -> None:
        with self._lock:
            self.doors.done(result)


@dataclass
class Session:
    """What the steps of one test share, in one thread. `missing` says of a variable that a step should have captured
    why it did not."""

    variables: dict[str, Any] = field(repr=False)
    jar: Jar = field(repr=False)
    make_client: Callable[[bool], Client]
    missing: dict[str, str] = field(default_factory=dict)
    _clients: dict[bool, Client] = field(default_factory=dict)

    @classmethod
    def new(cls, variables: dict[str, Any], make_client: Callable[[bool], Client]) -> Session:
        """With an empty jar."""
        from actionkit.web.cookies import Jar

        return cls(variables, Jar(), make_client)

    def client(self, insecure: bool) -> Client:
        """The same client for every step of one kind, so that connections are used again."""
        if insecure not in self._clients:
            self._clients[insecure] = self.make_client(insecure)
        return self._clients[insecure]

    def branch(self) -> Session:
        """One that knows the same and shares nothing."""
        return Session(dict(self.variables), self.jar.copy(), self.make_client, dict(self.missing))

    def miss(self, step: Step, state: State) -> None:
        """Remember of every variable that `step` should have captured and did not, why it is not set."""
        why = "was skipped" if state is State.SKIPPED else "did not find it"
        for name, _ in step.captures:
            if name not in self.variables:
                self.missing.setdefault(name, f"the step `{step.name}`, which captures it, {why}")

    @contextmanager
    def open(self) -> Iterator[Session]:
        """Close all connections at the end."""
        try:
            yield self
        finally:
            for client in self._clients.values():
                client.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One exchange and what it came to. `captured` is what was found in the answer. `final`: no further attempt is
    made, whatever `retry` says. `seconds` run to the last byte."""

    state: State
    url: str
    seconds: float
    failures: tuple[Failure, ...] = ()
    checked: int = 0
    captured: Mapping[str, Any] = field(default_factory=dict, repr=False)
    answer: Answer | None = None
    trouble: Trouble | None = None
    final: bool = False


def run(test: str, step: Step, session: Session, ground: Ground, halt: Halt) -> StepResult:
    """Carry out `step` with its retries. What it captured is in the session, whether it passed or not.

    Raises nothing for what is wrong with the step or the answer: that is the result.
    """
    started = ground.elapsed()
    result = replace(_carried_out(test, step, session, ground, halt), started=started, finished=ground.elapsed())
    session.miss(step, result.state)
    ground.done(result)
    return result


def without_exchange(test: str, step: Step, state: State, reason: str) -> StepResult:
    """The result of a step for which nothing was sent."""
    told = (failure(step, reason),)
    return StepResult(test=test, name=step.name, state=state, place=step.place, method=step.send.method, failures=told)


def _carried_out(test: str, step: Step, session: Session, ground: Ground, halt: Halt) -> StepResult:
    if halt.stopped:
        return without_exchange(test, step, State.SKIPPED, halt.reason or "the time to end the run in was over")
    if step.options.skip:
        return without_exchange(test, step, State.SKIPPED, "the plan says `skip: true`")
    try:
        if (reason := _missing(step, session)) or not halt.waited(step.options.delay):
            return without_exchange(test, step, State.SKIPPED, reason or halt.reason)
        if step.json_schema:
            ground.schemas.load(step.json_schema)
        return _retried(test, step, session, ground, halt)
    except ActionkitError as error:  # what no attempt can begin with: a variable, a file, a URL
        return without_exchange(test, step, State.ERROR, str(error))


def _missing(step: Step, session: Session) -> str:
    """Why a variable that an earlier step should have captured is not there; "" if all are. Raises Unset for one that
    no step captures."""
    unset = sorted(sending.names(step) - session.variables.keys())
    for name in unset:
        if name not in session.missing:
            raise Unset(name, nearest(name, session.variables) or "")
    return f"needs `{{{{{unset[0]}}}}}`, which is not set: {session.missing[unset[0]]}" if unset else ""


def _retried(test: str, step: Step, session: Session, ground: Ground, halt: Halt) -> StepResult:
    options, began = step.options, ground.elapsed()
    before, captured = dict(session.variables), dict[str, Any]()
    for number in count(1):
        # What an attempt captures is for the next step: the next attempt would be held against its own answer.
        session.variables = dict(before)
        attempt = attempted(step, session, ground, halt)
        captured.update(attempt.captured)
        session.variables.update(captured)
        told = _told(test, step, attempt, number, before)
        over = ground.elapsed() - began + options.retry_interval > options.max_time * ENDLESS
        if attempt.state is State.PASSED or attempt.final or (over if options.retry < 0 else number > options.retry):
            return told
        if not halt.waited(options.retry_interval):
            said = f"{halt.reason or 'the time to end the run in was over'}; so far: {told.message}"
            return replace(told, state=State.SKIPPED, failures=(failure(step, said),))
    raise AssertionError


def _told(test: str, step: Step, attempt: Attempt, number: int, seen: Mapping[str, Any]) -> StepResult:
    answer, trouble = attempt.answer, attempt.trouble
    return StepResult(
        test=test,
        name=step.name,
        state=attempt.state,
        place=step.place,
        method=step.send.method,
        url=attempt.url,
        status=answer.status if answer else trouble.status if trouble else None,
        seconds=attempt.seconds,
        attempts=number,
        checked=attempt.checked,
        failures=attempt.failures,
        address=answer.address if answer else trouble.address if trouble else "",
        answer=answer,
        variables=seen,
    )


def attempted(step: Step, session: Session, ground: Ground, halt: Halt) -> Attempt:
    """Send the step's request once and judge the answer. Raises Unset, Unsendable, Unreadable before anything is
    sent."""
    request = sending.request(step, ground.base_url, session.variables, ground.doors.read_file)
    request = auth.authorized(request, step.send.auth, session.variables)
    try:
        answer = sent(request, step, session, ground, halt)
    except Trouble as trouble:
        hard = trouble.cause in HARD and not trouble.hops
        return Attempt(
            state=State.ERROR if hard else State.FAILED,
            url=_target(request, trouble, ground),
            seconds=trouble.seconds,
            failures=(failure(step, _said(request, trouble, ground), "an answer", str(trouble.cause)),),
            trouble=trouble,
            final=hard,
        )
    subject = Subject(answer, ground.doors.now(), ground.redacted)
    came = judged(step, subject, session.variables, ground.schemas, ground.keep_secret)
    ended = terminal(step, subject, session.variables)
    failures = came.failures if ended is None else (ended, *came.failures)
    return Attempt(
        state=State.FAILED if failures else State.PASSED,
        url=_shown(request.url, ground),
        seconds=answer.seconds,
        failures=failures,
        checked=came.checked,
        captured=came.captured,
        answer=answer,
        final=ended is not None,
    )


def _shown(url: str, ground: Ground) -> str:
    """The URL without its query; secrets go first, since one that holds a `?` would be cut in half."""
    return re.split(r"[?#]", ground.redacted(parsed(url).text), maxsplit=1)[0]


def _target(request: Request, trouble: Trouble, ground: Ground) -> str:
    """The URL that there is trouble with: the step's own, unless it is no URL or redirects have led to another."""
    try:
        return _shown(trouble.hops[-1].url if trouble.hops else request.url, ground)
    except NoUrl:
        return ground.redacted(trouble.target)


def _said(request: Request, trouble: Trouble, ground: Ground) -> str:
    said = f"{_target(request, trouble, ground)}: {ground.redacted(trouble.detail)}"
    if trouble.cause is not Cause.REFUSED:
        return said
    target = parsed(trouble.target)
    return said + why_refused(target.host, target.port, ground.doors.surroundings)


def sent(request: Request, step: Step, session: Session, ground: Ground, halt: Halt) -> Answer:
    """The answer to a step's request, within its options and what time is left. Raises Trouble."""
    options = step.options
    # An attempt that begins when time is short has at least a moment, and fails by itself.
    seconds = max(min(options.max_time, halt.left), 0.001)
    limits = Limits(min(options.connect_timeout, seconds), seconds, options.max_filesize)
    follow = options.max_redirs if options.location else 0
    client = session.client(options.insecure)
    given = step.send.auth
    if given is None or given.scheme != "digest" or auth.has_own(request):
        return client.send(request, limits, follow=follow, jar=session.jar)
    pair = auth.credentials(given, session.variables)
    return auth.digest(client, request, pair, limits, follow=follow, jar=session.jar, clock=ground.doors.clock)
