"""An action's `action.yml`, as far as the runner reads it for a Docker action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from sandbox.runner import expressions

# Docker actions from before action.yml take these two whether declared or not.
_ALWAYS_VALID = ("entrypoint", "args")


class ManifestError(Exception):
    """The action cannot be run: says which file, and what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A Docker action. `defaults` are unevaluated texts by the input's name; `image` is a Dockerfile or `docker://…`."""

    folder: Path
    image: str
    entrypoint: str = ""
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    deprecations: Mapping[str, str] = field(default_factory=dict)

    def inputs(self, given: Mapping[str, str], contexts: Mapping[str, Any]) -> dict[str, str]:
        """Every input's value: what was given, else the evaluated default, else "". Names are compared without case.

        Raises expressions.Unsupported.
        """
        values = {name: expressions.fill(default, contexts) for name, default in self.defaults.items()}
        spelled = {name.lower(): name for name in values}
        values.update({spelled.get(name.lower(), name): value for name, value in given.items()})
        return values

    def arguments(self, inputs: Mapping[str, str]) -> tuple[str, ...]:
        """`runs.args`, in which only `inputs` is known. Raises expressions.Unsupported."""
        return tuple(expressions.fill(argument, {"inputs": inputs}) for argument in self.args)

    def environment(self, inputs: Mapping[str, str]) -> dict[str, str]:
        """`runs.env`, in which only `inputs` is known. Raises expressions.Unsupported."""
        return {name: expressions.fill(value, {"inputs": inputs}) for name, value in self.env.items()}

    def unexpected(self, given: Mapping[str, str]) -> tuple[str, ...]:
        """The given inputs that the action does not declare."""
        valid = {name.lower() for name in (*self.defaults, *_ALWAYS_VALID)}
        return tuple(name for name in given if name.lower() not in valid)

    def deprecated(self, given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """The given inputs that the action calls deprecated, each with its message."""
        messages = {name.lower(): message for name, message in self.deprecations.items()}
        return tuple((name, messages[name.lower()]) for name in given if name.lower() in messages)

    @property
    def dockerfile(self) -> Path | None:
        """The Dockerfile to build, in the folder that is its context; None where `image` names a built image."""
        if self.image.startswith("docker://"):
            return None
        return (self.folder / self.image).resolve()


def load(folder: Path) -> Manifest:
    """Read `action.yml` or `action.yaml`. Raises ManifestError."""
    path = next((folder / name for name in ("action.yml", "action.yaml") if (folder / name).is_file()), None)
    if path is None:
        raise ManifestError(f"Can't find 'action.yml' or 'action.yaml' in {folder}")
    try:
        document = _parsed(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ManifestError(f"{path}: {error}") from error
    runs = _mapping(_mapping(document).get("runs"))
    if runs.get("using") != "docker":
        raise ManifestError(f"{path}: runs.using is {runs.get('using')!r}; the twin runs Docker actions only")
    if not runs.get("image"):
        raise ManifestError(f"{path}: runs.image is missing")
    inputs = {str(name): _mapping(declared) for name, declared in _mapping(document.get("inputs")).items()}
    return Manifest(
        folder=folder,
        image=str(runs["image"]),
        entrypoint=str(runs.get("entrypoint") or ""),
        args=tuple(_text(argument) for argument in runs.get("args") or ()),
        env={str(name): _text(value) for name, value in _mapping(runs.get("env")).items()},
        defaults={name: _text(declared.get("default")) for name, declared in inputs.items()},
        deprecations={
            name: _text(declared["deprecationMessage"])
            for name, declared in inputs.items()
            if declared.get("deprecationMessage")
        },
    )


@lru_cache(maxsize=16)
def _parsed(text: str) -> Any:
    """The document, which nobody changes: a test suite runs the same actions over and over."""
    return yaml.safe_load(text)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    """A YAML scalar as the runner's string: a missing one is empty, a boolean in lower case."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
