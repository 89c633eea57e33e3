"""The inputs of an action, stated once as a dataclass and read from `INPUT_*` variables or `--flags`.

`action.yml`, `action-types.yml`, the README tables and the catalog are generated from the same dataclass
(`maintain.generate`), so what is documented is what is read.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from actionkit import values
from actionkit.errors import Complaint, InputError, UsageError
from actionkit.nearest import nearest

GITHUB_TOKEN = "${{ github.token }}"  # noqa: S105 - the expression, which the runner replaces
"""The default of `github-token` in action.yml: only the runner can evaluate it."""


@dataclass(frozen=True, slots=True)
class Input:
    """What is known of one input beside its value.

    `default` is the text action.yml declares, `convert` turns a text into a value or raises InputError. `secret` inputs
    are masked before anything else is printed and never shown in a message. `kind` is what documents call the values of
    an action's own converter: "list", "duration", "whole number"; "" where the converter is one of `actionkit.values`.
    """

    convert: Callable[[str], Any]
    default: str
    doc: str
    secret: bool
    kind: str = ""


def an_input(
    convert: Callable[[str], Any],
    *,
    doc: str,
    default: str = "",
    missing: Any = None,
    secret: bool = False,
    kind: str = "",
) -> Any:
    """A dataclass field that is an input. An empty text, after the default, is `missing` and never converted."""
    return dataclasses.field(
        default=missing,
        repr=not secret,
        metadata={"input": Input(convert, default, " ".join(doc.split()), secret, kind)},
    )


@dataclass(frozen=True, kw_only=True)
class CommonInputs:
    """What every action accepts."""

    github_token: str = an_input(
        values.text,
        default=GITHUB_TOKEN,
        missing="",
        secret=True,
        doc="Token for the GitHub API. The job's `permissions:` decide what it may do.",
    )
    outcome_file: str = an_input(
        values.relative_path,
        missing="",
        doc="Where the outcome envelope (JSON) is written. Default: `.actions/<action>/outcome.json`.",
    )


@dataclass(frozen=True, kw_only=True)
class GateInputs(CommonInputs):
    """What every gate accepts."""

    mode: str = an_input(
        values.choice("enforce", "report"),
        default="enforce",
        missing="enforce",
        doc="""`enforce` fails the step on `fail` and `incomplete`; `report` says the same and exits 0 (never for
        `error`).""",
    )
    comment: str = an_input(
        values.choice("auto", "always", "on-failure", "never"),
        default="auto",
        missing="auto",
        doc="Pull request comment, one per action and `comment-key`, updated in place. `auto`: on pull requests.",
    )
    comment_key: str = an_input(
        values.text,
        missing="",
        doc="Tells several comments of this action on one pull request apart, in their headings too.",
    )
    annotations: bool = an_input(
        values.boolean, default="true", missing=True, doc="Annotate the lines the problems are on."
    )
    from_outcome: str = an_input(
        values.relative_path,
        missing="",
        doc="""Path of an `outcome.json` made by an untrusted run (a fork's pull request). Set it in a `workflow_run`
        job: nothing is measured, the file is validated, the pull request is found from the event, and the comment is
        posted.""",
    )


AnyInputs = TypeVar("AnyInputs", bound=CommonInputs)


def declared(inputs: type[CommonInputs]) -> dict[str, tuple[str, Input]]:
    """Input name as in YAML -> (field name, Input), in the order they are declared, common ones last."""
    own = {f.name: f.metadata["input"] for f in dataclasses.fields(inputs) if "input" in f.metadata}
    inherited = [f.name for base in (CommonInputs, GateInputs) for f in dataclasses.fields(base) if f.name in own]
    first = [name for name in own if name not in inherited]
    last = [name for name in own if name in inherited]
    return {name.replace("_", "-"): (name, own[name]) for name in (*first, *last)}


def given(
    inputs: type[CommonInputs], action: str, argv: Sequence[str], environ: Mapping[str, str]
) -> tuple[dict[str, str], list[Complaint]]:
    """The texts handed in, by input name; a flag wins over `INPUT_*`. Complaints: unknown flags, misspelt inputs."""
    names = declared(inputs)
    parser = argparse.ArgumentParser(
        prog=action, allow_abbrev=False, description="Every flag is the input of the same name; see the README."
    )
    for name, (_, known) in names.items():
        flag, meaning = f"--{name}", known.doc.replace("%", "%%")
        if known.convert is values.boolean:
            parser.add_argument(flag, action="append", nargs="?", const="true", help=meaning, metavar="BOOLEAN")
        else:
            parser.add_argument(flag, action="append", help=meaning, metavar="TEXT")
    flags, rest = parser.parse_known_args(list(argv))
    complaints = [_unknown(text, [f"--{name}" for name in names]) for text in rest]
    texts: dict[str, str] = {}
    variables = {f"INPUT_{name.upper()}": name for name in names}
    for variable, text in environ.items():
        if variable in variables:
            texts[variables[variable]] = text.strip()
        elif variable.startswith("INPUT_") and text.strip():
            # The runner has warned of an input nobody knows. One that is nearly an input is a limit that is not held.
            spelled = variable.removeprefix("INPUT_").lower()
            complaints += [_unknown(spelled, list(names))] if nearest(spelled, names) else []
    for name in names:
        from_flag = getattr(flags, name.replace("-", "_"))
        if from_flag is not None:
            texts[name] = "\n".join(from_flag).strip()
    return texts, complaints


def _unknown(word: str, known: Sequence[str]) -> Complaint:
    spelled = word.split("=", 1)[0]
    guess = nearest(spelled, known)
    fix = f"Write `{guess}`." if guess else f"Accepted: {', '.join(known)}."
    return Complaint(f"`{spelled}` is not an input of this action", fix)


def parse(inputs: type[AnyInputs], texts: Mapping[str, str], complaints: Sequence[Complaint] = ()) -> AnyInputs:
    """Convert every text. Raises UsageError with all complaints, each naming the input as it is spelled in YAML."""
    found = list(complaints)
    values_by_field: dict[str, Any] = {}
    for name, (field, known) in declared(inputs).items():
        default = "" if known.default == GITHUB_TOKEN else known.default
        text = texts.get(name, "") or default
        if not text:
            continue
        try:
            values_by_field[field] = known.convert(text)
        except InputError as error:
            wrong = "the value given cannot be used" if known.secret else error.wrong
            found.append(Complaint(f"input `{name}`: {wrong}; accepted: {error.accepted}", error.fix))
    if found:
        raise UsageError(found)
    return inputs(**values_by_field)


def secrets(inputs: type[CommonInputs], texts: Mapping[str, str]) -> tuple[str, ...]:
    """The texts of secret inputs, to be masked before anything is printed."""
    return tuple(texts[name] for name, (_, known) in declared(inputs).items() if known.secret and texts.get(name))
