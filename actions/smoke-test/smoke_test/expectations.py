"""What a step expects of an answer, held against it; every failure is told, not only the first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from actionkit.asserts import Capture, NothingFound, Subject, kinds, template
from actionkit.redact import SHORTEST, beginning
from actionkit.untrusted import one_line, shortened
from actionkit.web.model import Answer
from smoke_test import auth
from smoke_test.described import expected_body
from smoke_test.model import Bodies, Failure, Step
from smoke_test.schema_check import Schemas, document
from smoke_test.sending import Variables

LONGEST_MESSAGE = 400
_LONGEST_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Judged:
    """What one answer came to. `captured` holds what was found, failures or not; `checked` counts expectations."""

    failures: tuple[Failure, ...]
    checked: int
    captured: Mapping[str, Any] = field(default_factory=dict, repr=False)


def judged(
    step: Step, subject: Subject, variables: Variables, schemas: Schemas, keep_secret: Callable[[str], None]
) -> Judged:
    """Hold `subject` against status, headers, schema, asserts and captures, failures in this order.

    What a `redact` finds goes to `keep_secret` before anything is quoted. Asserts see the variables as they were before
    this step. A step that asserts nothing fails on a status of 400 or more, as k6 counts failed requests: an error page
    that nobody asked about is no success, whatever can be captured from it. Raises Unreadable for a schema that cannot
    be used.
    """
    captured, not_captured = _captured(step, subject, variables, keep_secret)
    failures = _status(step, subject.answer)
    for name, value in step.headers:
        failures += _header(step, subject, name, value, variables)
    body = expected_body(step, subject.answer)
    for schema in filter(None, (step.json_schema, body.schema)):
        failures += _schema(step, subject, schemas, schema)
    if body.others is not None:
        failures.append(_not_described(step, subject, body.others))
    for at, line in enumerate(step.asserts):
        checked = line.check(subject, variables)
        if not checked.ok:
            told = failure(step, checked.message, line.text, checked.actual)
            failures.append(replace(told, place=step.place_of(at)))
    return Judged(_with_why(step, subject, (*failures, *not_captured)), step.expectations, captured)


def _with_why(step: Step, subject: Subject, failures: tuple[Failure, ...]) -> tuple[Failure, ...]:
    """The failures; the first one also says why the Digest challenge of a 401 was not answered."""
    credentials = step.send.auth
    if not failures or subject.answer.status != 401 or credentials is None or credentials.scheme != "digest":
        return failures
    why = auth.why_not_sent(subject.answer.all_headers("WWW-Authenticate"))
    if not why or auth.names_own((*step.send.headers, *step.options.headers)):
        return failures
    first, *others = failures
    said = f"{first.message}; {beginning(why, subject.redacted)}"
    return (replace(first, message=shortened(one_line(said), LONGEST_MESSAGE)), *others)


def _captured(
    step: Step, subject: Subject, variables: Variables, keep_secret: Callable[[str], None]
) -> tuple[dict[str, Any], list[Failure]]:
    captured: dict[str, Any] = {}
    failures: list[Failure] = []
    for name, capture in step.captures:
        try:
            value = capture.value(subject, variables)
        except NothingFound as error:
            because = error.reason.removeprefix("finds nothing").strip(" :")
            said = f"the capture `{name}` finds nothing: `{capture.text}`{' ' * bool(because)}{because}"
            said += f"; it was {outline(subject)}"
            failures.append(failure(step, said, capture.text, "nothing"))
            continue
        captured[name] = value
        if capture.redact:
            failures += _hidden(step, name, capture, value, keep_secret)
    return captured, failures


def terminal(step: Step, subject: Subject, variables: Variables) -> Failure | None:
    """The first `fail_when` that holds: no further attempt can mend it."""
    for line in step.options.fail_when:
        if (checked := line.check(subject, variables)).ok:
            said = f"the terminal condition `{line.text}` holds, so no further attempt is made"
            return failure(step, said, f"not {line.text}", checked.actual)
    return None


def failure(step: Step, message: str, expected: str = "", actual: str = "") -> Failure:
    """A Failure at the step's place, its texts one line each and bounded."""
    return Failure(shortened(one_line(message), LONGEST_MESSAGE), _short(expected), _short(actual), step.place)


def outline(subject: Subject) -> str:
    """What an answer was like, without a word of its body."""
    answer = subject.answer
    kind = beginning(answer.header("Content-Type") or "", subject.redacted).partition(";")[0].strip()
    return f"{answer.status} with {shortened(one_line(kind or 'no Content-Type'), 60)} and {len(answer.body):,} bytes"


def _status(step: Step, answer: Answer) -> list[Failure]:
    if step.status is not None:
        if answer.status in step.status:
            return []
        said = f"status is {_told(answer)}, expected {step.status}"
        return [failure(step, said, str(step.status), str(answer.status))]
    if answer.status < 400 or step.asserted:
        return []
    why = "only captures" if step.captures else "expects nothing"
    said = f"status is {_told(answer)}, and the step {why}; write `status: {answer.status}` if that is right"
    return [failure(step, said, "a status below 400", str(answer.status))]


def _told(answer: Answer) -> str:
    """The status, and how many redirects were followed to it."""
    if answer.hops:
        times = "1 redirect" if len(answer.hops) == 1 else f"{len(answer.hops)} redirects"
        return f"{answer.status} after {times}"
    return str(answer.status)


def _header(step: Step, subject: Subject, name: str, value: str, variables: Variables) -> list[Failure]:
    wanted, found = template.fill(value, variables), subject.answer.all_headers(name)
    if any(_same_media_type(wanted, one) if name.lower() == "content-type" else wanted == one for one in found):
        return []
    expected = f"{name}: {value}"
    if not found:
        return [failure(step, f"there is no header `{name}` in {outline(subject)}", expected, "no such header")]
    actual = beginning(", ".join(found), subject.redacted)
    return [failure(step, f"header `{name}` is `{_short(actual)}`, expected `{value}`", expected, actual)]


def _same_media_type(wanted: str, found: str) -> bool:
    """Type and subtype in any case; parameters only where some are wanted."""
    kind, _, parameters = found.partition(";")
    wanted_kind, _, wanted_parameters = wanted.partition(";")
    if kind.strip().lower() != wanted_kind.strip().lower():
        return False
    return not wanted_parameters or _plain(parameters) == _plain(wanted_parameters)


def _plain(parameters: str) -> set[str]:
    return {"".join(one.split()).replace('"', "").lower() for one in parameters.split(";")} - {""}


def _not_described(step: Step, subject: Subject, bodies: Bodies) -> Failure:
    accepted = " or ".join(media for media, _ in bodies.media)
    said = f"it was {outline(subject)}, and only {accepted} is described for {bodies.statuses}"
    found = beginning(subject.answer.header("Content-Type") or "", subject.redacted)
    return failure(step, said, accepted, found)


def _schema(step: Step, subject: Subject, schemas: Schemas, path: str) -> list[Failure]:
    schemas.load(path)
    try:
        value = document(subject.answer.body)
    except ValueError as error:
        return [failure(step, f"the body {error}; it was {outline(subject)}", path, "no JSON")]
    return [
        failure(step, f"{mismatch} ({path})", path, mismatch.path)
        for mismatch in schemas.mismatches(path, value, subject.redacted)
    ]


def _hidden(step: Step, name: str, capture: Capture, value: Any, keep_secret: Callable[[str], None]) -> list[Failure]:
    """Every text and number in a captured value is kept secret from here on; what is too short cannot be."""
    short, waiting = False, [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif len(text := kinds.text(one).strip()) >= SHORTEST:
            keep_secret(text)
        else:
            short = True
    if not short:
        return []
    said = (
        f"the capture `{name}` cannot be masked: what it finds is shorter than {SHORTEST} characters, and hiding that"
        " would hide ordinary words; capture the whole secret, or leave out `redact`"
    )
    return [failure(step, said, capture.text, f"fewer than {SHORTEST} characters")]


def _short(text: str) -> str:
    return shortened(one_line(text), _LONGEST_SHOWN)
