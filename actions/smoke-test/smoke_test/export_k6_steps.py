"""The steps of a plan as JavaScript objects that the exported script sends. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from actionkit.outcome import Problem, Severity
from actionkit.untrusted import one_line
from smoke_test.export_k6_asserts import assertion, capture
from smoke_test.model import Auth, Body, Options, Step

_FORM = "application/x-www-form-urlencoded"
_DEFAULTS = Options()


class Steps:
    """Writes steps, and gathers in `notes` what k6 cannot do. `files` are the constants of those the script opens."""

    def __init__(self, root: str) -> None:
        self.notes: list[Problem] = []
        self.files: dict[str, str] = {}
        self._root = root

    def javascript(self, test: str, steps: Sequence[Step], *, retried: bool) -> str | None:
        """The elements of an array, each on a line of its own.

        None where k6 cannot send one of them: the others mean little without it. `retried`: `retry` would count here.
        """
        made = []
        for step in steps:
            if step.options.skip:
                self._note(step, f"{test}: {step.name}: left out, as the plan says `skip: true`")
            elif step.send.body is not None and step.send.body.kind == "multipart":
                self._note(
                    step, f"{test} is left out: k6 cannot repeat the `multipart` of {step.name} as it is sent here"
                )
                return None
            else:
                made.append(self._step(test, step, retried))
        return "\n".join(made)

    def _note(self, step: Step, message: str) -> None:
        self.notes.append(Problem(message, "", step.place.path, step.place.line, Severity.WARNING))

    def _not_exported(self, test: str, step: Step, what: str) -> str:
        """A comment that says so in the script; the note says it to the user."""
        self._note(step, f"{test}: {step.name}: not exported: {what}")
        return f"// not exported: {one_line(what)}"

    def _step(self, test: str, step: Step, retried: bool) -> str:
        send, options = step.send, step.options
        lines = [
            f"name: {literal(step.name)},",
            f"method: {literal(send.method)},",
            f"url: {literal(send.url)},",
            f"params: {literal(send.params)},",
            f"general: {literal(options.headers)},",
            f"headers: {literal(send.headers)},",
            f"cookies: {literal(send.cookies)},",
            f"body: {self._body(send.body)},",
            f"auth: {_auth(send.auth)},",
            f"expected: {literal(_expected(step))},",
            f"redirects: {options.max_redirs if options.location else 0},",
            f"timeout: {round(options.max_time * 1000)},",
            f"delay: {literal(options.delay)},",
            *(self._not_exported(test, step, what) for what in _unknown_options(options, retried)),
            "checks: [",
            *(f"  {line}" for line in self._checks(test, step)),
            "],",
            "captures: [",
            *(f"  {line}" for line in self._captures(test, step)),
            "],",
        ]
        return "\n".join(["{", *(f"  {line}" for line in lines), "},"])

    def _checks(self, test: str, step: Step) -> Iterator[str]:
        if step.status is not None:
            ranges = literal(step.status.ranges)
            yield _check(
                f"status {step.status}", f"{ranges}.some(([low, high]) => low <= r.status && r.status <= high)"
            )
        for name, value in step.headers:
            yield _check(f"header {name}: {value}", f"headerIs(r, {literal(name)}, fill({literal(value)}, vars))")
        if step.json_schema:
            yield self._not_exported(test, step, f"json_schema {step.json_schema}")
        if step.describes_bodies:
            yield self._not_exported(test, step, "the described body")
        for line in step.asserts:
            held = assertion(line.text)
            yield self._not_exported(test, step, line.text) if held is None else _check(line.text, held)
        for line in step.options.fail_when:
            held = assertion(line.text)
            name = f"not {line.text}"
            yield self._not_exported(test, step, name) if held is None else _check(name, f"!{held}")

    def _captures(self, test: str, step: Step) -> Iterator[str]:
        for name, line in step.captures:
            found = capture(line.text)
            if found is None:
                yield self._not_exported(test, step, f"capture {name}: {line.text}")
            else:
                said = sayable(f"capture {name}: {line.text}")
                yield f"[{literal(name)}, {literal(said)}, (r, vars) => {found}],"

    def _body(self, body: Body | None) -> str:
        if body is None:
            return "() => ({ data: null, headers: [] })"
        if body.kind == "file":
            path = "/".join(part for part in (self._root, str(body.value)) if part)
            return f"() => ({{ data: {self.files.setdefault(path, f'FILE_{len(self.files)}')}, headers: [] }})"
        if body.kind == "json":
            # Parsed, so that a key such as __proto__ is a key like any other.
            data, kind = (
                f"JSON.stringify(fillJson(JSON.parse({literal(literal(body.value))}), vars))",
                "application/json",
            )
        elif body.kind == "form":
            data, kind = f"urlencoded({literal(body.value)}, vars)", _FORM
        else:
            data, kind = f"fill({literal(body.value)}, vars)", ""
        headers = [["Content-Type", kind]] if kind else []
        return f"(vars) => ({{ data: {data}, headers: {literal(headers)} }})"


def literal(value: Any) -> str:
    """A value of JSON's types as JavaScript, ASCII on one line."""
    return json.dumps(value)


def sayable(name: str) -> str:
    """A name as k6 allows it for groups and checks: without `::`."""
    return name.replace("::", ":")


def _check(name: str, held: str) -> str:
    return f"[{literal(sayable(name))}, (r, vars) => {held}],"


def _auth(auth: Auth | None) -> str:
    if auth is None:
        return "() => ({ headers: [] })"
    pair = f"fill({literal(auth.user)}, vars), fill({literal(auth.password)}, vars)"
    if auth.scheme == "digest":
        return f"(vars) => ({{ headers: [], digest: [{pair}] }})"
    if auth.scheme == "basic":
        value = f"'Basic ' + encoding.b64encode([{pair}].join(':'))"
    else:
        value = f"'Bearer ' + fill({literal(auth.token)}, vars)"
    return f"(vars) => ({{ headers: [['Authorization', {value}]] }})"


def _expected(step: Step) -> list[dict[str, int]] | None:
    """The statuses that k6 does not count as failed; None: its own rule, 200 to 399, where the plan asserts nothing.

    k6 holds each redirect that it follows against them too.
    """
    if step.status is None:
        return [{"min": 100, "max": 599}] if step.asserted else None
    ranges = (*step.status.ranges, *(((300, 399),) if step.options.location else ()))
    return [{"min": low, "max": high} for low, high in ranges]


def _unknown_options(options: Options, retried: bool) -> Iterator[str]:
    if options.connect_timeout != _DEFAULTS.connect_timeout:
        yield f"connect_timeout {options.connect_timeout:g} s: k6 has one timeout, which is max_time"
    if options.max_filesize != _DEFAULTS.max_filesize:
        yield f"max_filesize {options.max_filesize} bytes"
    if retried and options.retry:
        yield f"retry {options.retry}"
