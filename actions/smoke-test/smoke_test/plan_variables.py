"""Whether each variable of a plan is set where it is used: by the plan, an input, a secret or an earlier capture. Pure.

A test knows what `setup` captured and no other test's captures; `finally` knows those of `setup`. What a step captures
is known from the next step on.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice

from actionkit.asserts import NotUnderstood, template
from actionkit.errors import Complaint, UsageError
from actionkit.nearest import nearest
from actionkit.outcome import Problem
from smoke_test import bindings, sending
from smoke_test.model import Place, Plan, Step
from smoke_test.written import CHECKS, Source, complaint, note

MOST = 100
"""How many mistakes of a kind are told: looking for what was meant takes time."""


@dataclass(frozen=True)
class Review:
    """A plan with everything that sets variables put together, and where it was written.

    `given` are the names that an input sets, with the input's name.
    """

    plan: Plan
    source: Source
    given: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def start(self) -> frozenset[str]:
        """What is known before the first step."""
        return frozenset((*self.plan.variables, *self.plan.secrets))

    @cached_property
    def captures(self) -> Mapping[str, str]:
        """Every captured name, and where: `setup`, `finally` or the test's name."""
        parts = [("finally", self.plan.finally_), *((test.name, test.steps) for test in self.plan.tests)]
        parts.append(("setup", self.plan.setup))
        return {name: part for part, steps in parts for step in steps for name, _ in step.captures}

    @cached_property
    def used(self) -> frozenset[str]:
        """Every name that a step, the base URL or a variable uses."""
        texts = [self.plan.base_url, *(text for text in self.plan.variables.values() if isinstance(text, str))]
        names = {name for text in texts for name in _names(text)}
        return frozenset(names.union(*(uses(step) for step in all_steps(self.plan))))


def complaints(review: Review) -> Iterator[Complaint]:
    """Every variable that is used and not set, every secret that something else shadows, every circle."""
    rules = (_broken, _shadowed, _unset, _unbound)
    yield from islice((one for rule in rules for one in rule(review)), MOST)


def notes(review: Review) -> Iterator[Problem]:
    """Variables and secrets that nothing uses: often a name is misspelt."""
    unused = [name for name in (*review.plan.variables, *review.plan.secrets) if name not in review.used]
    for name in unused[:MOST]:
        if name not in review.given and review.source.uses(name):
            continue  # by the file's own base URL, which an input has taken the place of
        guess = nearest(name, review.used)
        fix = f"Write `{{{{{name}}}}}` where it is meant, or remove it."
        hint = f"; `{{{{{guess}}}}}` is" if guess else ""
        if name in review.given:
            yield note(Place(""), f"input `{review.given[name]}`: `{{{{{name}}}}}` is used nowhere{hint}", fix)
        else:
            yield note(review.source.key(name, review.source.top), f"`{{{{{name}}}}}` is used nowhere{hint}", fix)


def all_steps(plan: Plan) -> Iterator[Step]:
    """Every step of a plan, in the order of the file."""
    yield from plan.setup
    for test in plan.tests:
        yield from test.steps
    yield from plan.finally_


def uses(step: Step) -> frozenset[str]:
    """The variables that a step needs; none where its braces hold no name, which is told apart from this."""
    try:
        return sending.names(step)
    except NotUnderstood:
        return frozenset()


def _names(text: str) -> frozenset[str]:
    try:
        return template.names(text)
    except NotUnderstood:
        return frozenset()


def _broken(review: Review) -> Iterator[Complaint]:
    for step in all_steps(review.plan):
        try:
            sending.names(step)
        except NotUnderstood as error:
            place = review.source.first(_is_broken, step.place)
            yield complaint(place, f"step `{step.name}`: {error.found}", error.fix or "Write `{{name}}`.")
    for name, text in (("base_url", review.plan.base_url), *review.plan.variables.items()):
        try:
            template.names(text) if isinstance(text, str) else None
        except NotUnderstood as error:
            place = review.source.key(name, review.source.top)
            yield complaint(place, f"`{name}`: {error.found}", error.fix or "Write `{{name}}`.")


def _is_broken(line: str) -> bool:
    try:
        template.names(line)
    except NotUnderstood:
        return True
    return False


def _shadowed(review: Review) -> Iterator[Complaint]:
    plan = review.plan
    for name in plan.variables:
        if name in plan.secrets:
            where = "input `variables`: " if name in review.given else ""
            place = Place("") if where else review.source.key(name, review.source.top)
            yield complaint(place, f"{where}`{name}` is the name of a secret too", "Give one of them another name.")
    for step in all_steps(plan):
        for name, _ in step.captures:
            if name in plan.secrets:
                fix = "Capture it under another name."
                yield complaint(review.source.key(name, step.place), f"the capture `{name}` hides a secret", fix)


def _unset(review: Review) -> Iterator[Complaint]:
    plan, top = review.plan, review.source.top
    for text in plan.variables.values():
        if isinstance(text, str):
            yield from _missing(review, _names(text), review.start, top, "")
    yield from _missing(review, _names(plan.base_url), review.start, top, "")
    after_setup = yield from _walk(review, plan.setup, review.start, "setup")
    for test in plan.tests:
        yield from _walk(review, test.steps, after_setup, test.name)
    yield from _walk(review, plan.finally_, after_setup, "finally")


def _walk(
    review: Review, steps: Iterable[Step], known: frozenset[str], part: str
) -> Generator[Complaint, None, frozenset[str]]:
    """Steps in their order; returns what is known after them."""
    for step in steps:
        yield from _missing(review, uses(step), known, step.place, part)
        known |= {name for name, _ in step.captures}
    return known


def _missing(
    review: Review, names: frozenset[str], known: frozenset[str], place: Place, part: str
) -> Iterator[Complaint]:
    for name in sorted(names - known):
        owner = review.captures.get(name)
        if owner is None:
            guess = nearest(name, known)
            inside = "input `variables`" if place.path == CHECKS else "`variables`"
            fix = f"Write `{{{{{guess}}}}}`." if guess else f"Set it in {inside}, or capture it in an earlier step."
            message = f"`{{{{{name}}}}}` is never set"
        elif owner == part:
            fix = "Move the step that captures it before this one."
            message = f"`{{{{{name}}}}}` is used before it is captured: a capture is known from the next step on"
        else:
            fix = "Capture it in `setup`, or in this test."
            message = f"`{{{{{name}}}}}` is captured in `{owner}`, and only known there"
        yield complaint(review.source.use_of(name, place), message, fix)


def _unbound(review: Review) -> Iterator[Complaint]:
    """Variables that refer to one another in a circle; only where each of them is set."""
    plan = review.plan
    texts = [text for text in plan.variables.values() if isinstance(text, str)]
    try:
        if all(template.names(text) <= review.start for text in texts):
            bindings.bound(plan.variables, dict.fromkeys(plan.secrets, ""), plan.path)
    except NotUnderstood:
        return
    except UsageError as error:
        place = review.source.key("variables", review.source.top)
        yield from (replace(one, line=place.line) for one in error.complaints)
