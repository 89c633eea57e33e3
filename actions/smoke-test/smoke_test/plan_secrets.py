"""The secrets of a plan: read from the environment, and looked for where they should not be written. Pure.

No message holds the value of a secret, nor of what looks like one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from actionkit.asserts import template
from actionkit.errors import Complaint
from actionkit.outcome import Problem, Severity
from actionkit.redact import SHORTEST
from smoke_test.bindings import bound
from smoke_test.model import Place, Plan, Step
from smoke_test.names import shown_environment
from smoke_test.plan_variables import all_steps
from smoke_test.written import Source, complaint, note

# What the vendors' documentation gives as the shape of their tokens: GitHub, GitLab, Slack, Stripe, AWS, Google, npm,
# PyPI, SendGrid, JWT (RFC 7519), PEM (RFC 7468).
_TOKEN = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,}|glpat-[A-Za-z0-9_-]{20}|xox[abprs]-[A-Za-z0-9-]{10,}"
    r"|[rs]k_live_[A-Za-z0-9]{16,}|\bAKIA[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_-]{35}|npm_[A-Za-z0-9]{36}"
    r"|pypi-[A-Za-z0-9_-]{16,}|\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.|-----BEGIN [A-Z ]*PRIVATE KEY"
)
_TELLING = re.compile(r"passw|passphrase|secret|token|api.?key|authorization|credential|private.?key", re.IGNORECASE)
_LETTER, _DIGIT = re.compile(r"[A-Za-z]"), re.compile(r"[0-9]")
_SEPARATOR = re.compile(r"[/?#&;]")
"""Where servers cut paths and queries."""

LONG_ENOUGH = 8


def gathered(
    plan: Plan, environ: Mapping[str, str], needed: Collection[str], source: Source, given: Collection[str] = ()
) -> tuple[dict[str, str], list[Complaint], list[Problem]]:
    """The value of every secret by its variable, what is wrong with those that are `needed`, and what is odd.

    `given` are those that the input `secrets` names.
    """
    values: dict[str, str] = {}
    complaints: list[Complaint] = []
    notes: list[Problem] = []
    for name, variable in plan.secrets.items():
        value = environ.get(variable, "")
        place = Place("") if name in given else source.key(name, source.top)
        what = f"{'input `secrets`: ' if name in given else ''}the secret `{name}`"
        wrong = _wrong(what, variable, value, variable in environ)
        if wrong is None:
            values[name] = value
            if value != value.strip():
                message = f"{what} begins or ends with white space, and is sent with it"
                notes.append(note(place, message, "Store it again without a line break.", Severity.WARNING))
        elif name in needed:
            complaints.append(complaint(place, *wrong))
    return values, complaints, notes


def _wrong(secret: str, variable: str, value: str, is_set: bool) -> tuple[str, str] | None:
    shown = shown_environment(variable)
    if not value.strip():
        what = "is empty: the secret does not exist, or is not given to this run (a fork's, Dependabot's)"
        message = f"{secret}: the environment variable {shown} {what if is_set else 'is not set'}"
        spelled = shown.strip("`") if shown.startswith("`") else "SMOKE_API_KEY"
        return message, f"Add to the step:\nenv:\n  {spelled}: ${{{{ secrets.{spelled} }}}}"
    if len(value.strip()) < SHORTEST:
        why = "masking so short a text would tear other words apart and so give it away"
        fix = f"Use a secret of at least {SHORTEST} characters; what is not secret goes into `variables`."
        return f"{secret} has fewer than {SHORTEST} characters: {why}", fix
    return None


def hidden(plan: Plan, values: Mapping[str, str]) -> tuple[str, ...]:
    """What no output may hold: the secrets, and what becomes of them in URLs. Raises as `bindings.bound` does."""
    return (*values.values(), *sorted(_pieces(plan, values)))


def _pieces(plan: Plan, values: Mapping[str, str]) -> frozenset[str]:
    """What a server makes of secrets that a step puts into its URL, where nothing encodes them: it cuts them up, and
    may tell the parts one by one. One that is a URL itself is left whole: among its parts is the host."""
    known = bound(plan.variables, {**dict.fromkeys(plan.secrets, ""), **values}, plan.path)
    names = {name for step in all_steps(plan) for name in template.names(step.send.url)}
    texts = [text for name in names if isinstance(text := known.get(name), str)]
    cut = {secret for secret in values.values() if "://" not in secret and any(secret in text for text in texts)}
    parts = {part for secret in cut for part in _SEPARATOR.split(secret)}
    return frozenset(told for part in parts for told in (part, part.partition("=")[2]) if len(told) >= SHORTEST) - cut


def literals(plan: Plan, source: Source) -> Iterator[Problem]:
    """A warning for every place where a secret seems to be written out."""
    for name, value in plan.variables.items():
        if _is_secret(name, value):
            yield _written_out(source.key(name, source.top), f"the variable `{name}`")
    for step in all_steps(plan):
        for key in dict.fromkeys(key for key, value in _texts(step) if _is_secret(key, value)):
            yield _written_out(source.key(key, step.place), f"`{key}` of the step `{step.name}`")


def _written_out(place: Place, what: str) -> Problem:
    fix = "Name it under `secrets`, hand it in by `env:`, write `{{name}}` here, and change it: the file is no secret."
    return note(place, f"{what} looks like a secret that is written out", fix, Severity.WARNING)


def _is_secret(key: str, value: Any) -> bool:
    if not isinstance(value, str) or "{{" in value:
        return False
    if _TOKEN.search(value):
        return True
    word = value.rpartition(" ")[2]
    mixed = len(word) >= LONG_ENOUGH and bool(_LETTER.search(word)) and bool(_DIGIT.search(word))
    return mixed and bool(_TELLING.search(key))


def _texts(step: Step) -> Iterator[tuple[str, Any]]:
    """Every text of a request with the key it stands at."""
    send = step.send
    yield from (*send.params, *send.headers, *send.cookies, *step.options.headers)
    if send.auth is not None:
        yield send.auth.scheme, send.auth.token
        yield "password", send.auth.password
    if send.body is None or send.body.kind == "file":
        return
    waiting: list[tuple[str, Any]] = [("data" if send.body.kind == "text" else send.body.kind, send.body.value)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.items()
        elif isinstance(value, list):
            waiting += ((key, one) for one in value)
        elif isinstance(value, tuple):
            waiting += value
        else:
            yield key, value
