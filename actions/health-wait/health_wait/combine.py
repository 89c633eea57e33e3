"""The inputs and the config file put together: every target with what holds for it, and when the watch is over. Pure.

What is said nearest wins: a target's own key, the input, the file's key for all targets, the default.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from actionkit.errors import Complaint, InputError, UsageError
from actionkit.origin import Origin
from actionkit.redact import SHORTEST
from actionkit.web.statuses import Statuses
from health_wait import impossible, pace, thresholds
from health_wait.inputs import Inputs
from health_wait.model import Expectation, Kind, Policy, Target
from health_wait.sources import File, Sources, Wanted, complaint
from health_wait.spelling import VERSION_FROM, Header, a_capture, credential, is_secret
from health_wait.targets import Place, looks_secret, place

STATUSES = Statuses("200-399", ((200, 399),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a watch goes by. `proxy` may hold a password; `ca_bundle` is a path in the workspace."""

    targets: tuple[Target, ...]
    policy: Policy
    proxy: str = field(default="", repr=False)
    ca_bundle: str = ""
    allow_hosts: tuple[str, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)


def combine(inputs: Inputs, file: File | None) -> Settings:
    """The settings of a watch. Raises UsageError with everything that is wrong at once."""
    sources = Sources(inputs, file)
    wanted = tuple(_wanted(inputs, file))
    complaints: list[Complaint] = []
    if not wanted:
        fix = "Give the input `targets` a line such as `https://shop.example.com/health`."
        complaints.append(Complaint("no target to wait for", fix))
    deadline = sources.value("deadline", Policy().deadline)
    targets: list[tuple[Wanted, Target]] = []
    secrets: list[str] = []
    for one in wanted:
        try:
            found = place(one.text)
        except InputError as error:
            complaints.append(complaint(f"{error.wrong}; accepted: {error.accepted}", error.fix, one.origin))
            continue
        headers = sources.headers(one, found.headers) if found.kind is Kind.HTTP else ()
        secrets += [*found.secrets, *_header_secrets(headers)]
        targets.append((one, _proved(_target(sources, one, found, headers), deadline)))
    in_a_row = sources.value("consecutive_failure_limit", None)
    policy = Policy(
        deadline=deadline,
        bake_time=sources.value("bake_time", 0.0),
        # One failure more than none would always come before two in a row.
        failure_limit=sources.value("failure_limit", 0 if in_a_row is None else None),
        consecutive_failure_limit=in_a_row,
    )
    settings = Settings(
        targets=_named_apart([target for _, target in targets]),
        policy=policy,
        proxy=sources.value("proxy", ""),
        ca_bundle=sources.value("ca_bundle", ""),
        allow_hosts=tuple(sources.value("allow_hosts", ())),
        secrets=tuple(dict.fromkeys(secrets)),
    )
    complaints += impossible.complaints(sources, targets, policy, settings.allow_hosts)
    if complaints:
        raise UsageError(sorted(dict.fromkeys(complaints), key=lambda one: (one.path, one.line or 0)))
    return settings


def _wanted(inputs: Inputs, file: File | None) -> Iterator[Wanted]:
    for line in inputs.targets:
        yield Wanted(line, Origin("targets"))
    if file is None:
        return
    for at, entry in enumerate(file.config.targets):
        if isinstance(entry, str):
            yield Wanted(entry, file.origin("targets", at))
        else:
            yield Wanted(entry.url, file.origin("targets", at, "url"), entry, ("targets", at))


def _target(sources: Sources, wanted: Wanted, found: Place, headers: Sequence[Header]) -> Target:
    is_http = found.kind is Kind.HTTP
    return Target(
        name=(wanted.own.name if wanted.own is not None else None) or found.name,
        kind=found.kind,
        url=found.url,
        host=found.host,
        port=found.port,
        method=sources.value("method", "GET", wanted),
        expectation=_expectation(sources, wanted) if is_http else None,
        headers=tuple(headers),
        insecure=sources.value("insecure", False, wanted),
        census=sources.value("census", False, wanted) and found.kind is not Kind.DNS,
        period=sources.value("period", 2.0, wanted),
        timeout=sources.value("timeout", 5.0, wanted),
        initial_delay=sources.value("initial_delay", 0.0, wanted),
        success_threshold=sources.value("success_threshold", 2, wanted),
        failure_threshold=sources.value("failure_threshold", None, wanted),
    )


def _proved(target: Target, deadline: float) -> Target:
    return replace(target, proofs=thresholds.fitting(target, pace.quick(target), deadline))


def _expectation(sources: Sources, wanted: Wanted) -> Expectation:
    version = sources.value("expect_version", "", wanted)
    version_from = sources.value("version_from", None, wanted)
    return Expectation(
        status=sources.value("expect_status", STATUSES, wanted),
        body=sources.value("expect_body", "", wanted),
        asserts=tuple(sources.value("expect", (), wanted)),
        version=version,
        version_from=a_capture(VERSION_FROM) if version and version_from is None else version_from,
    )


def _header_secrets(headers: Sequence[Header]) -> Iterator[str]:
    """Whole values, what follows the scheme of `Bearer …` and the like, the password in `Basic …`, and the parts of a
    cookie that look like a key: a server may give any of them away by itself."""
    for name, value in headers:
        if not is_secret(name):
            continue
        yield value
        if (secret := credential(name, value)) != value:
            yield secret
            if value.lower().startswith("basic ") and (password := _password(secret)):
                yield password
        elif name.lower() == "cookie":
            pairs = (part.strip().partition("=")[::2] for part in value.split(";"))
            yield from (one for called, one in pairs if looks_secret(called, one))


def _password(basic: str) -> str:
    """The password of Basic authentication (RFC 7617), or a user without one; "" where it is too short to be hidden."""
    try:
        user, _, password = b64decode(basic, validate=True).decode().partition(":")
    except ValueError:
        return ""
    secret = password or user
    return secret if len(secret) >= SHORTEST else ""


def _named_apart(targets: Sequence[Target]) -> tuple[Target, ...]:
    """Targets that differ only in what is not shown get a number behind their name."""
    seen: dict[str, int] = {}
    made = []
    for target in targets:
        seen[target.name] = seen.get(target.name, 0) + 1
        number = seen[target.name]
        made.append(target if number == 1 else replace(target, name=f"{target.name} #{number}"))
    return tuple(made)
