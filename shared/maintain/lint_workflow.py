"""Hold workflows that use these actions against what the actions declare: `python -m maintain.lint_workflow FILE…`.

The runner warns of an input it does not know and goes on; an output that does not exist is an empty text, and a missing
permission shows when the job has run. Here all three are told before: names of actions, inputs, outputs and steps,
values that the action would refuse, and permissions that the job lacks. Exits 1 if there is anything to tell.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actionkit import inputs, outputs, yamlcore
from actionkit.action import Action, Use
from actionkit.errors import InputError
from actionkit.nearest import nearest
from actionkit.yamlcore import Document, Keys
from maintain.actions import ACTIONS

OURS = "org/actions"
"""The repository that a release is used from; `--repository` names another."""

# steps.gate.outputs.verdict and steps['gate'].outputs['line-coverage'], inside ${{ }} or in an `if:`.
_NAME = r"(?:\.([A-Za-z_][A-Za-z0-9_-]*)|\[\s*'([^']*)'\s*\])"
_OUTPUT = re.compile(rf"\bsteps{_NAME}\.outputs{_NAME}")
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_JOBS_TOKEN = re.compile(r"github\.token|secrets\.GITHUB_TOKEN", re.IGNORECASE)
_LEVELS = {"": 0, "none": 0, "read": 1, "write": 2}
_EVERYTHING = {"read-all": "read", "write-all": "write"}


@dataclass(frozen=True, slots=True, order=True)
class Remark:
    """One thing to mend in a workflow: where, what and how. `line` is 1-based."""

    path: str
    line: int
    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}. {self.fix}"


def lint(name: str, text: str, actions: Sequence[Action[Any]] = ACTIONS, repository: str = OURS) -> tuple[Remark, ...]:
    """Everything that is wrong with the workflow in `text` as far as these actions go, in the order of its lines.

    `name` is what remarks call it. Uses are `<repository>/<action>@<ref>` and, inside that repository itself,
    `./…/<action>`.
    """
    document = yamlcore.read(text)
    flaws = [Remark(name, flaw.line or 1, flaw.message, flaw.fix) for flaw in document.flaws]
    if not document.usable:
        return tuple(flaws)
    known = {action.name: action for action in actions}
    jobs = _mapping(_mapping(document.value).get("jobs"))
    linted = [_Job(name, document, ("jobs", job), known, repository) for job in jobs]
    return tuple(sorted({*flaws, *(remark for job in linted for remark in job.remarks())}))


class _Job:
    """One job of a workflow and the steps in it that use our actions."""

    def __init__(
        self, name: str, document: Document, keys: Keys, actions: Mapping[str, Action[Any]], repository: str
    ) -> None:
        self._name, self._document, self._keys = name, document, keys
        self._actions, self._repository = actions, repository
        self._workflow = _mapping(document.value)
        self._job = _mapping(_at(document.value, keys))
        steps = self._job.get("steps")
        self._steps = [_mapping(step) for step in steps] if isinstance(steps, list) else []

    def remarks(self) -> Iterator[Remark]:
        used: dict[str, Action[Any]] = {}
        for number, step in enumerate(self._steps):
            keys = (*self._keys, "steps", number)
            action_name = self._ours(str(step.get("uses") or ""))
            if action_name is None:
                continue
            action = self._actions.get(action_name)
            if action is None:
                yield self._unknown((*keys, "uses"), f"`{action_name}` is no action of these", [*self._actions])
                continue
            used[str(step.get("id") or "")] = action
            yield from self._version((*keys, "uses"), str(step["uses"]))
            yield from self._inputs((*keys, "with"), action, _mapping(step.get("with")))
            yield from self._permissions(keys, action, _mapping(step.get("with")))
        yield from self._outputs(used)

    def _ours(self, uses: str) -> str | None:
        """The name of the action that a step uses if it is, or claims to be, one of ours."""
        place = uses.split("@", 1)[0]
        if place.lower().startswith(f"{self._repository.lower()}/"):
            return place[len(self._repository) + 1 :].strip("/")
        here = place.rstrip("/").rsplit("/", 1)[-1]
        return here if place.startswith("./") and here in self._actions else None

    def _version(self, keys: Keys, uses: str) -> Iterator[Remark]:
        if not uses.startswith("./") and not uses.partition("@")[2]:
            yield self._remark(keys, f"`{uses}` names no version", f"Write `{uses.rstrip('@')}@v1`.")

    def _inputs(self, keys: Keys, action: Action[Any], given: Mapping[str, Any]) -> Iterator[Remark]:
        declared = {name.lower(): (name, known) for name, (_, known) in inputs.declared(action.inputs).items()}
        for name, value in given.items():
            here, found = (*keys, name), declared.get(name.lower())
            if found is None:
                names = [known for known, _ in declared.values()]
                yield self._unknown(here, f"`{name}` is not an input of {action.name}", names)
                continue
            yield from self._value(here, found[0], found[1], _text(value))
        if given.get("from-outcome") and "workflow_run" not in self._events:
            yield self._remark(
                (*keys, "from-outcome"),
                "`from-outcome` needs a `workflow_run` event, and this workflow has none",
                "Use it in a workflow with `on: {workflow_run: {workflows: [...], types: [completed]}}`.",
            )

    def _value(self, keys: Keys, name: str, known: inputs.Input, text: str) -> Iterator[Remark]:
        if not text.strip() or "${{" in text:
            return
        if known.secret:
            yield self._remark(
                keys,
                f"`{name}` is a secret, and stands in the workflow for everybody to read",
                "Revoke it, and write `${{ secrets.NAME }}`.",
            )
            return
        try:
            known.convert(text)
        except InputError as error:
            yield self._remark(keys, f"input `{name}`: {error.wrong}; accepted: {error.accepted}", error.fix)

    def _permissions(self, keys: Keys, action: Action[Any], given: Mapping[str, Any]) -> Iterator[Remark]:
        token = _text(given.get("github-token"))
        if token and not _JOBS_TOKEN.search(token):
            return  # a token of its own, which `permissions:` says nothing about
        stated = self._job.get("permissions", self._workflow.get("permissions"))
        use = Use({name.lower(): _text(value) for name, value in given.items()}, self._events)
        for permission in action.permissions:
            level = permission.needed_by(use)
            if not _LEVELS[level]:
                continue
            grant = f"permissions: {permission.scope}: {level}"
            if stated is None:
                why = "what the token may do is left to the settings of the repository"
                yield self._remark(keys, f"{action.name} needs `{grant}`, and {why}", "Write it in the job.")
            elif _LEVELS[_granted(stated, permission.scope)] < _LEVELS[level]:
                yield self._remark(keys, f"the job lacks `{grant}`, which {action.name} needs", "Add it to the job.")

    def _outputs(self, used: Mapping[str, Action[Any]]) -> Iterator[Remark]:
        """Every mention of a step's output in the job, held against the steps and what they give."""
        ids = [str(step["id"]) for step in self._steps if step.get("id")]
        for keys, text in _texts(self._job, self._keys):
            for step, output in _mentioned(text, bare=keys[-1] == "if"):
                if step not in ids:
                    yield self._unknown(keys, f"no step of this job has the id `{step}`", ids)
                elif step in used:
                    names = [*outputs.common(""), *used[step].outputs]
                    if output not in names:
                        yield self._unknown(keys, f"`{output}` is not an output of {used[step].name}", names)

    @property
    def _events(self) -> frozenset[str]:
        on = self._workflow.get("on")
        return frozenset([on] if isinstance(on, str) else map(str, on) if isinstance(on, list | dict) else [])

    def _unknown(self, keys: Keys, message: str, names: Sequence[str]) -> Remark:
        guess = nearest(re.findall(r"`([^`]*)`", message)[0], names)
        fix = f"Write `{guess}`." if guess else f"Known: {', '.join(names) or 'none'}."
        return self._remark(keys, message, fix)

    def _remark(self, keys: Keys, message: str, fix: str) -> Remark:
        lines = self._document.lines.get(keys)
        return Remark(self._name, lines.key if lines else 1, message, fix)


def _granted(stated: object, scope: str) -> str:
    """The level of one scope in a `permissions:`; what is not named in it is none."""
    if isinstance(stated, str):
        return _EVERYTHING.get(stated, "")
    level = str(_mapping(stated).get(scope) or "")
    return level if level in _LEVELS else ""


def _mentioned(text: str, *, bare: bool) -> Iterator[tuple[str, str]]:
    """Step and output of each `steps.x.outputs.y` in the expressions of a text; an `if:` is one even without braces."""
    for expression in [text] if bare else _EXPRESSION.findall(text):
        for step, quoted_step, output, quoted_output in _OUTPUT.findall(expression):
            yield step or quoted_step, output or quoted_output


def _texts(value: object, keys: Keys) -> Iterator[tuple[Keys, str]]:
    if isinstance(value, str):
        yield keys, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*keys, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*keys, number))


def _at(value: Any, keys: Keys) -> object:
    for key in keys:
        value = value[key]
    return value


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    """A scalar of YAML as the runner hands it on."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def main(argv: Sequence[str] | None = None) -> int:
    """Print every remark about the named files. Exits 1 if there is one, 2 if a file cannot be read."""
    parser = argparse.ArgumentParser(prog="maintain.lint_workflow", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a workflow that uses these actions")
    parser.add_argument("--repository", default=OURS, help="owner/name they are used from (default: %(default)s)")
    options = parser.parse_args(argv)
    remarks: list[Remark] = []
    for path in options.files:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            parser.error(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}")
        remarks += lint(str(path), text, repository=options.repository)
    sys.stdout.write("".join(f"{remark}\n" for remark in remarks))
    return 1 if remarks else 0


if __name__ == "__main__":
    sys.exit(main())
