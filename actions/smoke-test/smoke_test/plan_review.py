"""What is wrong or odd in a whole plan, whatever it was read from: URLs, files, tags, names, expectations. Pure but for
the files it asks a door about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from actionkit.asserts import template
from actionkit.errors import Complaint, Unreadable
from actionkit.nearest import nearest
from actionkit.outcome import Problem, Severity
from actionkit.workspace import Workspace
from smoke_test import urls
from smoke_test.model import Place, Plan, Step, Test
from smoke_test.plan_variables import all_steps
from smoke_test.written import Source, complaint, note

RESERVED = ("setup", "finally")
"""What reports call the steps that are in no test."""

TAGS = ("name", "test", "method", "status", "expected_response", "check")
"""The tags of what a load stage measures, under k6's names where it has them."""

_OF_THE_WAY = re.compile(r"(?:duration|ip|version|certificate)\b")

UNTAGGED = ("iterations", "dropped_iterations", "iteration_duration", "vus")


def names(plan: Plan, source: Source) -> Iterator[Complaint]:
    """Tests without steps, and tests that cannot be told apart."""
    times = Counter(test.name for test in plan.tests)
    seen: set[str] = set()
    for test in plan.tests:
        place = _place_of(test, source)
        if not test.steps:
            yield complaint(place, f"the test `{test.name}` has no steps", "Add `steps:` with a request, or remove it.")
        if test.name in RESERVED:
            fix = "Give it another name."
            yield complaint(place, f"a test cannot be called `{test.name}`: reports call other steps so", fix)
        if times[test.name] > 1 and test.name in seen:
            fix = "Give each test a name of its own."
            yield complaint(place, f"there are {times[test.name]} tests with the name `{test.name}`", fix)
        seen.add(test.name)


def _place_of(test: Test, source: Source) -> Place:
    if test.steps:
        return test.steps[0].place
    return source.first(re.compile(rf"""\bname["']?\s*:\s*["']?{re.escape(test.name)}""").search, source.top)


def addresses(plan: Plan, source: Source, values: Mapping[str, Any] | None) -> Iterator[Complaint]:
    """A base URL that is missing or no HTTP URL, and steps' URLs that are none.

    `values` are the variables known before the first step; None where they cannot be known, or braces hold no name.
    """
    base = _filled(plan.base_url, values)
    if base and (accepted := urls.accepted_instead(base)):
        message = f"`base_url` is no URL once it is filled in; accepted: {accepted}"
        yield complaint(source.key("base_url", source.top), message, "Write `https://shop.example.com`.")
    relative: list[Step] = []
    for step in all_steps(plan):
        url = _filled(step.send.url, values)
        if url is None:
            continue
        if urls.is_relative(url):
            relative.append(step)
        elif accepted := urls.accepted_instead(url):
            fix = "Write `https://…`, or a path that starts with `/`."
            message = f"the URL of the step `{step.name}` is none once it is filled in; accepted: {accepted}"
            yield complaint(step.place, message, fix)
    if relative and not plan.base_url:
        more = f", and {len(relative) - 1} more of the kind" if len(relative) > 1 else ""
        message = f"the step `{relative[0].name}` asks for a path, and there is no base URL to put it below{more}"
        fix = "Set the input `base-url`, or `base_url` in the plan."
        yield complaint(relative[0].place, message, fix)


def compared_with_itself(plan: Plan, compare_url: str, values: Mapping[str, Any] | None) -> Iterator[Complaint]:
    """A differential run against the very deployment that is tested: whatever fails here would fail there too."""
    from actionkit.web.failure import Failure
    from actionkit.web.url import parsed

    one, other = _filled(plan.base_url, values), _filled(compare_url, values)
    try:
        same = bool(one and other) and parsed(str(one)).text.rstrip("/") == parsed(str(other)).text.rstrip("/")
    except Failure:
        return
    if same:
        fix = "Name another deployment, such as the one before, or remove the input."
        yield complaint(Place(""), "input `compare-url` is the base URL itself: every failure would be excused", fix)


def _filled(url: str, values: Mapping[str, Any] | None) -> str | None:
    """The URL with its variables; None where it holds one that only a capture will set, or that nobody knows."""
    if "{{" not in url:
        return url
    if values is None or not template.names(url) <= values.keys():
        return None
    return template.fill(url, values).strip()


def files(plan: Plan, workspace: Workspace, load_schema: Callable[[str], object]) -> Iterator[Complaint]:
    """Files that a step names and that are not there, and schemas that cannot be used.

    `load_schema` raises Unreadable.
    """
    for step in all_steps(plan):
        if step.json_schema:
            try:
                load_schema(step.json_schema)
            except Unreadable as error:
                fix = "Check the path, and that the file is a JSON Schema that refers to nothing on a network."
                yield complaint(step.place, f"`json_schema` of the step `{step.name}`: {error}", fix)
        for schema in step.described_schemas:
            try:
                load_schema(schema)
            except Unreadable as error:
                fix = "Correct it; what a schema refers to must stand in the same file, or in JSON files beside it."
                yield complaint(step.place, f"the description of `{step.name}`: {error}", fix)
        for path in _paths(step):
            if not workspace.has(path):
                fix = "Check the path, and that actions/checkout ran before this step."
                yield complaint(step.place, f"the step `{step.name}` sends `{path}`, which is not there", fix)


def _paths(step: Step) -> Iterator[str]:
    body = step.send.body
    if body is None:
        return
    if body.kind == "file":
        yield body.value
    elif body.kind == "multipart":
        yield from (value[1:] for _, value in body.value if value.startswith("@"))


def selected(plan: Plan, tags: Sequence[str]) -> tuple[Test, ...]:
    """The tests with any of `tags`; `!tag` leaves out those with it. Without tags all."""
    out = {tag.removeprefix("!") for tag in tags if tag.startswith("!")}
    wanted = set(tags) - {f"!{tag}" for tag in out}
    return tuple(
        test for test in plan.tests if (not wanted or wanted & set(test.tags)) and not out.intersection(test.tags)
    )


def asked_tags(plan: Plan, asked: Sequence[str]) -> Iterator[Complaint]:
    """Tags of the input `tags` that no test has, and a choice that leaves no test."""
    known = tuple(dict.fromkeys(tag for test in plan.tests for tag in test.tags))
    unknown = [tag for tag in asked if tag.removeprefix("!") not in known]
    for tag in unknown:
        yield complaint(Place(""), f"input `tags`: no test has the tag `{tag.removeprefix('!')}`", _nearest(tag, known))
    if asked and not unknown and not selected(plan, asked):
        message = f"input `tags`: no test is left of {len(plan.tests)}"
        yield complaint(Place(""), message, "Name a tag of a test that is not left out.")


def _nearest(tag: str, known: Sequence[str]) -> str:
    guess = nearest(tag, known)
    if guess:
        return f"Write `{guess}`."
    return f"The plan's tags are {', '.join(f'`{one}`' for one in known)}." if known else "Give a test `tags: […]`."


def load_tests(plan: Plan) -> tuple[Test, ...]:
    """The tests that the load stage runs."""
    wanted = set(plan.load.tags) if plan.load else set()
    return tuple(test for test in plan.tests if not wanted or wanted.intersection(test.tags))


def load_tags(plan: Plan) -> Iterator[Complaint]:
    """Tags of the load stage that no test has, and tags of thresholds that no request of it can have."""
    if plan.load is None or not plan.tests:
        return
    known = tuple(dict.fromkeys(tag for test in plan.tests for tag in test.tags))
    for tag in plan.load.tags:
        if tag not in known:
            message = f"`load.tags`: no test has the tag `{tag}`"
            yield complaint(plan.load.place, message, _nearest(tag, known))
    tests = load_tests(plan)
    there = {
        "name": [step.name for test in tests for step in test.steps],
        "test": [test.name for test in tests],
        "method": [step.send.method for test in tests for step in test.steps],
        "expected_response": ["true", "false"],
    }
    for threshold in plan.load.thresholds:
        for key, value in threshold.tags:
            if threshold.metric in UNTAGGED:
                fix = "Write the metric without tags."
                yield complaint(threshold.place, f"`{threshold.metric}` has no tags: no sample would count", fix)
            elif key not in TAGS or (key == "check" and threshold.metric != "checks"):
                accepted = ", ".join(f"`{tag}`" for tag in TAGS)
                message = f"`{{{key}:{value}}}`: `{key}` is no tag of a request; accepted: {accepted}"
                guess = nearest(key, TAGS)
                yield complaint(threshold.place, message, f"Write `{guess or 'name'}`.")
            elif value not in there.get(key, [value]):
                guess = nearest(value, there[key])
                message = f"`{{{key}:{value}}}`: no request of the load stage has it, so that no sample would count"
                shown = ", ".join(f"`{one}`" for one in dict.fromkeys(there[key]))
                fix = f"Write `{{{key}:{guess}}}`." if guess else f"There are {shown}."
                yield complaint(threshold.place, message, fix)


def expectations(plan: Plan) -> Iterator[Problem]:
    """A notice for each step, but clean-up, that expects nothing; a warning where none does."""
    tested = [step for test in plan.tests for step in test.steps]
    if tested and not any(step.expectations for step in tested):
        fix = "Write `status: 200` or asserts into the steps."
        yield note(Place(plan.path), "the plan asserts nothing, so it cannot pass", fix, Severity.WARNING)
        return
    for step in (*plan.setup, *tested):
        if not step.expectations and not step.options.skip:
            message = f"the step `{step.name}` expects nothing but a status below 400"
            yield note(step.place, message, "Write `status: 200` or asserts into it.")
        elif _of_the_way_only(step):
            message = f"the step `{step.name}` asserts nothing of the answer itself: an error page passes"
            yield note(step.place, message, "Write `status: 200` into it.", Severity.WARNING)


def _of_the_way_only(step: Step) -> bool:
    """Whether all that is asserted is true of any answer from that server, a 500 too."""
    if step.status is not None or step.headers or step.json_schema or step.captures or not step.asserts:
        return False
    return all(_OF_THE_WAY.match(one.text.lstrip()) for one in step.asserts)
