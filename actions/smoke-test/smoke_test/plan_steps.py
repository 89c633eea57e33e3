"""The steps of a plan file as the plan has them: options laid over each other, names made unique. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from actionkit.errors import Complaint
from actionkit.untrusted import one_line, shortened
from actionkit.yamlcore import Document, Keys, dotted
from smoke_test.model import Auth, Body, Options, Place, Send, Step
from smoke_test.plan_lines import Lines

if TYPE_CHECKING:
    from smoke_test.plan_file import AuthConfig, OptionsConfig, RequestConfig, StepConfig

LONGEST_NAME = 80

_PLAIN_OPTIONS = (
    "connect_timeout",
    "max_time",
    "max_filesize",
    "location",
    "max_redirs",
    "retry",
    "retry_interval",
    "insecure",
    "delay",
    "skip",
)


@dataclass
class Making:
    """One plan file on its way to a plan: where things stand, what was parsed, and what is wrong so far."""

    path: str
    document: Document
    lines: Lines
    options: OptionsConfig | None = None
    complaints: list[Complaint] = field(default_factory=list)

    def wrong(self, keys: Keys, message: str, fix: str) -> None:
        """Note what is wrong with the value at `keys`."""
        self.complaints.append(Complaint(message, fix, self.path, self.document.line_of(keys)))

    def place(self, keys: Keys) -> Place:
        """Where the value at `keys` stands."""
        return Place(self.path, self.document.line_of(keys))


def steps(configs: Sequence[StepConfig], keys: Keys, making: Making) -> tuple[Step, ...]:
    """The steps of the list at `keys`; of two with one name the second gets a number."""
    return numbered(_step(config, (*keys, at), making) for at, config in enumerate(configs))


def numbered(made: Iterable[Step]) -> tuple[Step, ...]:
    """The steps with names that differ: JUnit and the tags of a load stage go by them."""
    taken: set[str] = set()
    next_number: dict[str, int] = {}
    renamed = []
    for step in made:
        name, number = step.name, next_number.get(step.name, 2)
        while name in taken:
            name, number = f"{step.name} ({number})", number + 1
        taken.add(name)
        next_number[step.name] = number
        renamed.append(replace(step, name=name))
    return tuple(renamed)


def default_name(method: str, url: str) -> str:
    """Method and URL without its query: what is asked for often stands there, but secrets do too."""
    return shortened(one_line(f"{method} {url.partition('?')[0]}"), LONGEST_NAME)


def defaults(making: Making) -> Options:
    """The options of a step that says nothing of them."""
    return _options(None, (), making)


def check_options(config: OptionsConfig | None, keys: Keys, making: Making) -> None:
    """Note what in one mapping of options contradicts itself."""
    if config is None or config.connect_timeout is None or config.max_time is None:
        return
    if config.connect_timeout > config.max_time:
        at = (*keys, "connect_timeout")
        message = f"`{dotted(at)}` is longer than `max_time`, which holds it"
        making.wrong(at, message, "Write a longer `max_time`, or leave `connect_timeout` out.")


def _step(config: StepConfig, keys: Keys, making: Making) -> Step:
    send = _send(config.request, (*keys, "request"), making)
    at = (*keys, "asserts")
    asserts = making.lines.asserts.get(at, ())
    check_options(config.options, (*keys, "options"), making)
    return Step(
        name=one_line(config.name) if config.name else default_name(send.method, send.url),
        send=send,
        place=making.place(keys),
        options=_options(config.options, keys, making),
        status=config.status,
        headers=tuple(config.headers.items()),
        json_schema=config.json_schema or "",
        asserts=asserts,
        assert_lines=tuple(making.document.line_of((*at, n)) or making.place(at).line for n in range(len(asserts))),
        captures=tuple((name, making.lines.captures[(*keys, "captures", name)]) for name in config.captures),
    )


def _send(config: RequestConfig, keys: Keys, making: Making) -> Send:
    from smoke_test.plan_file import bodies

    given = bodies(config)
    if len(given) > 1:
        several = ", ".join(f"`{key}`" for key in given)
        making.wrong(keys, f"`{dotted(keys)}` has more than one body: {several}", "Keep one of them.")
    if given and config.method is None:
        message = f"`{dotted(keys)}` has a body, and a GET has none"
        making.wrong(keys, message, "Write `method: POST`, or the method that is meant.")
    return Send(
        method=config.method or "GET",
        url=config.url,
        params=_pairs(config.params),
        headers=tuple(config.headers.items()),
        cookies=tuple(config.cookies.items()),
        body=next((_body(kind, value) for kind, value in given.items()), None),
        auth=_auth(config.auth, (*keys, "auth"), making) if config.auth else None,
    )


def _body(key: str, value: Any) -> Body:
    if key == "json":
        return Body("json", value)
    if key == "form":
        return Body("form", _pairs(value))
    if key == "multipart":
        return Body("multipart", _pairs(value))
    return Body("file", value) if key == "file" else Body("text", value)


def _pairs(mapping: Mapping[str, Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, several in mapping.items() for value in several)


def _auth(config: AuthConfig, keys: Keys, making: Making) -> Auth | None:
    given = [key for key in ("basic", "digest", "bearer") if getattr(config, key) is not None]
    if len(given) != 1:
        what = f"{' and '.join(f'`{key}`' for key in given)} at once" if given else "nothing in it"
        fix = 'Write one of them, such as `basic: [smoke, "{{password}}"]`.'
        making.wrong(keys, f"`{dotted(keys)}` has {what}; accepted: one of `basic`, `digest`, `bearer`", fix)
        return None
    if config.bearer is not None:
        return Auth("bearer", token=config.bearer)
    if config.digest is not None:
        return Auth("digest", *config.digest)
    return Auth("basic", *config.basic) if config.basic else None


def _options(own: OptionsConfig | None, keys: Keys, making: Making) -> Options:
    """The step's options over the plan's over the defaults."""
    layers = [one for one in (own, making.options) if one is not None]
    given: dict[str, Any] = {}
    for name in _PLAIN_OPTIONS:
        found = next((value for layer in layers if (value := getattr(layer, name)) is not None), None)
        if found is not None:
            given[name] = found
    own_fails = own is not None and own.fail_when is not None
    at = (*keys, "options", "fail_when") if own_fails else ("options", "fail_when")
    options = Options(headers=_headers(layers), fail_when=making.lines.asserts.get(at, ()), **given)
    # What is given for all steps may not fit the short `max_time` of one.
    return replace(options, connect_timeout=min(options.connect_timeout, options.max_time))


def _headers(layers: Sequence[OptionsConfig]) -> tuple[tuple[str, str], ...]:
    made: dict[str, tuple[str, str]] = {}
    for layer in reversed(layers):
        made |= {name.lower(): (name, value) for name, value in (layer.headers or {}).items()}
    return tuple(made.values())
