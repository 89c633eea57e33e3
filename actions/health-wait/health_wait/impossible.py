"""Combinations of inputs and keys that can never hold, or that ask for nothing: told before the watch begins. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from actionkit.errors import Complaint
from actionkit.redact import SHORTEST
from actionkit.web.guard import forbidden
from health_wait import bake, pace, thresholds
from health_wait.model import Kind, Policy, Target
from health_wait.sources import Sources, Wanted, complaint
from health_wait.spelling import Header, credential, is_secret
from health_wait.targets import question, shown
from health_wait.thresholds import Streak

Pair = tuple[Wanted, Target]

HTTP_ONLY = ("expect_status", "expect_body", "expect", "expect_version", "version_from", "method", "headers")
"""Keys that only an HTTP target can answer to."""

_OF_THE_BODY = ("body", "bytes", "jsonpath", "md5", "rawbytes", "regex", "sha256", "xpath")
"""The queries of the assert grammar that read the body."""


def complaints(sources: Sources, pairs: Sequence[Pair], policy: Policy, allow_hosts: Sequence[str]) -> list[Complaint]:
    """Everything that is impossible, each once."""
    found: list[Complaint] = []
    for wanted, target in pairs:
        found += _forbidden(wanted, target, allow_hosts)
        found += _times(sources, wanted, target, policy)
        found += _limits(sources, wanted, target, policy)
        found += _secrets(sources, wanted, target)
        found += _own_keys(sources, wanted, target)
        found += _body_of_head(sources, wanted, target)
    found += _duplicates(pairs)
    found += _nothing_http(sources, pairs)
    found += _limits_without_bake(sources)
    found += _version_from_alone(sources, pairs)
    if sources.value("proxy", "") and any(target.census and target.kind is Kind.HTTP for _, target in pairs):
        fix = "Remove one of the two."
        message = "with a proxy it is the proxy that chooses the replica, so that a census counts nothing"
        found.append(complaint(message, fix, sources.origin("proxy")))
    return list(dict.fromkeys(found))


def _forbidden(wanted: Wanted, target: Target, allow_hosts: Sequence[str]) -> Iterator[Complaint]:
    """Literal addresses and metadata names; what a name resolves to is judged when it is probed."""
    host = question(wanted.text).server if target.kind is Kind.DNS else target.host
    why = forbidden("", host, allow_hosts) if host else ""
    if why:
        fix = f"Name the host to probe; if this is really meant, add `{host}` to `allow-hosts`."
        yield complaint(f"{target.name} may not be probed: {why}", fix, wanted.origin)


def _times(sources: Sources, wanted: Wanted, target: Target, policy: Policy) -> Iterator[Complaint]:
    origin, deadline = sources.origin("deadline"), policy.deadline
    first = target.initial_delay + target.timeout
    proofs, apart = thresholds.needed(target, Streak()), target.period
    if thresholds.sampled(target):
        apart = pace.quick(target)
    needed = target.initial_delay + (proofs - 1) * apart
    if deadline < first:
        delayed = f"{_time(target.initial_delay)} of initial delay and " if target.initial_delay else ""
        needs = f"{delayed}{_time(target.timeout)} of timeout"
        message = f"{_time(deadline)} is shorter than one probe{_of(wanted, target)}: {needs}"
        yield complaint(message, f"Write `{_time(first)}` or more, or a shorter `timeout`.", origin)
    elif deadline <= needed:
        message = (
            f"{_time(deadline)} is too short for {proofs} good probes{_of(wanted, target)} "
            f"in a row, {_time(apart)} apart"
        )
        yield complaint(message, f"Write `{_time(needed + target.timeout)}` or more, or a shorter `period`.", origin)


def _limits(sources: Sources, wanted: Wanted, target: Target, policy: Policy) -> Iterator[Complaint]:
    if not policy.bake_time or target.census:  # nobody knows how many replicas there will be
        return
    most = math.floor(policy.bake_time / bake.pace(target, policy)) + 1
    for key, limit in (
        ("failure_limit", policy.failure_limit),
        ("consecutive_failure_limit", policy.consecutive_failure_limit),
    ):
        if limit is not None and limit >= most:
            message = (
                f"{limit} failed probes are never exceeded: {_time(policy.bake_time)} of bake time hold at most "
                f"{most}{_of(wanted, target)}"
            )
            fix = f"Write `{most - 1}` or less, or a longer `bake-time`."
            yield complaint(message, fix, sources.origin(key))


def _of(wanted: Wanted, target: Target) -> str:
    """The target's name where it has keys of its own; else what is said holds for all."""
    return f" of {target.name}" if wanted.own is not None else ""


def _secrets(sources: Sources, wanted: Wanted, target: Target) -> Iterator[Complaint]:
    for name, value in target.headers:
        secret = credential(name, value)
        if not secret:
            message = f"the header `{name}` names a scheme, and no credential behind it"
            fix = "Check the secret: an empty one means that it is not set for this repository or event."
            yield complaint(message, fix, sources.origin("headers", wanted))
        elif is_secret(name) and len(secret) < SHORTEST:
            message = (
                f"the value of the header `{name}` has fewer than {SHORTEST} characters: it cannot be kept out of the "
                "log without spoiling ordinary words"
            )
            fix = f"Use a value of {SHORTEST} characters or more, or leave the header out."
            yield complaint(message, fix, sources.origin("headers", wanted))


def _own_keys(sources: Sources, wanted: Wanted, target: Target) -> Iterator[Complaint]:
    """What a mapping asks of a target that cannot answer to it."""
    if target.kind is not Kind.HTTP:
        for key in filter(wanted.says, HTTP_ONLY):
            message = f"{target.name} does not answer in HTTP, so nothing can be asked of its answer"
            fix = "Remove the key, or name an `https://` target."
            yield complaint(message, fix, sources.origin(key, wanted))
    if target.kind is Kind.DNS and wanted.says("census"):
        message = f"{target.name} is only looked up: it has no replicas to count"
        yield complaint(message, "Remove the key.", sources.origin("census", wanted))


def _body_of_head(sources: Sources, wanted: Wanted, target: Target) -> Iterator[Complaint]:
    expectation = target.expectation
    if expectation is None or target.method != "HEAD":
        return
    version_from = expectation.version_from if expectation.version else None
    for key, reads in (
        ("expect_body", bool(expectation.body)),
        ("expect", any(_reads_body(one.text) for one in expectation.asserts)),
        ("expect_version", version_from is not None and _reads_body(version_from.text)),
    ):
        if reads:
            message = "the answer to `HEAD` has no body to find this in"
            yield complaint(message, "Write `method: GET`, or ask for a header.", sources.origin(key, wanted))


def _reads_body(text: str) -> bool:
    return text.split(maxsplit=1)[0].lower() in _OF_THE_BODY


def _duplicates(pairs: Sequence[Pair]) -> Iterator[Complaint]:
    """The same request twice. The same URL with other headers is another one: a virtual host, say."""
    seen: set[tuple[str, str, frozenset[Header]]] = set()
    for wanted, target in pairs:
        key = (target.url, target.method, frozenset(target.headers))
        if key in seen:
            yield complaint(f"{shown(wanted.text)} is named twice", "Remove one of the two.", wanted.origin)
        seen.add(key)


def _nothing_http(sources: Sources, pairs: Sequence[Pair]) -> Iterator[Complaint]:
    """What inputs and the file ask of HTTP answers where no target gives any: a check that never happens."""
    if not pairs or any(target.kind is Kind.HTTP for _, target in pairs):
        return
    for key in HTTP_ONLY:
        if sources.said(key)[0]:
            message = "no target answers in HTTP, so nothing is ever compared with it"
            fix = "Add an `https://` target, or remove this."
            yield complaint(message, fix, sources.origin(key))


def _limits_without_bake(sources: Sources) -> Iterator[Complaint]:
    if sources.said("bake_time")[1] is not None:
        return
    for key in ("failure_limit", "consecutive_failure_limit"):
        if sources.said(key)[1] is not None:
            message = "failed probes are counted while baking, and there is no `bake-time`"
            yield complaint(message, "Add `bake-time: 5m`, or remove this.", sources.origin(key))


def _version_from_alone(sources: Sources, pairs: Sequence[Pair]) -> Iterator[Complaint]:
    for wanted, target in pairs:
        expectation = target.expectation
        if expectation is not None and expectation.version_from is not None and not expectation.version:
            message = "this is where an answer states its version, but no version is expected"
            fix = "Add `expect-version: ${{ github.sha }}`; if it is there, its expression is empty. Or remove this."
            yield complaint(message, fix, sources.origin("version_from", wanted))


def _time(seconds: float) -> str:
    """Seconds as an input spells them."""
    milliseconds = round(seconds * 1000)
    if milliseconds % 1000:
        return f"{milliseconds}ms"
    whole = milliseconds // 1000
    return f"{whole // 60}m" if whole and whole % 60 == 0 else f"{whole}s"
