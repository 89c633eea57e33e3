"""Who says what: inputs, config file and each target's own keys, looked up where they are said nearest. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from actionkit.errors import Complaint
from actionkit.origin import Origin
from actionkit.yamlcore import Keys, dotted
from health_wait.inputs import Inputs
from health_wait.spelling import Header

if TYPE_CHECKING:
    from health_wait.policy_file import ConfigFile, TargetConfig


@dataclass(frozen=True, slots=True)
class File:
    """A config file that was read: its path, and the line of each value."""

    config: ConfigFile
    path: str
    line_of: Callable[[Keys], int | None]

    def origin(self, *keys: str | int) -> Origin:
        return Origin(dotted(keys), self.path, self.line_of(keys))


@dataclass(frozen=True, slots=True)
class Wanted:
    """One target as it was asked for: the line, where it stands, and what a mapping says of it alone."""

    text: str = field(repr=False)
    origin: Origin
    own: TargetConfig | None = None
    keys: Keys = ()

    def says(self, key: str) -> bool:
        """Whether the target's own mapping has a key."""
        return getattr(self.own, key, None) is not None


class Sources:
    """Who says what: looks a key up where it is said nearest, and knows the place for a message."""

    def __init__(self, inputs: Inputs, file: File | None) -> None:
        self.inputs, self.file = inputs, file

    def said(self, key: str, wanted: Wanted | None = None) -> tuple[Any, Origin | None]:
        """The value of a key and who says it; (None, None) where nobody does."""
        if self.file is not None and wanted is not None and wanted.says(key):
            return getattr(wanted.own, key), self.file.origin(*wanted.keys, key)
        given = getattr(self.inputs, key)
        if given is not None:
            return given, Origin(key.replace("_", "-"))
        if self.file is not None and (common := getattr(self.file.config, key)) is not None:
            return common, self.file.origin(key)
        return None, None

    def value(self, key: str, default: Any, wanted: Wanted | None = None) -> Any:
        found, _ = self.said(key, wanted)
        return default if found is None else found

    def origin(self, key: str, wanted: Wanted | None = None) -> Origin:
        """Who says a key; the input's name where it is the default."""
        return self.said(key, wanted)[1] or Origin(key.replace("_", "-"))

    def headers(self, wanted: Wanted, of_url: tuple[Header, ...]) -> tuple[Header, ...]:
        """Those of the URL, the file, the input and the target itself; of one name the last wins."""
        merged: dict[str, Header] = {name.lower(): (name, value) for name, value in of_url}
        for source in (
            dict((self.file.config.headers if self.file is not None else None) or {}),
            dict(self.inputs.headers or ()),
            dict((wanted.own.headers if wanted.own is not None else None) or {}),
        ):
            merged |= {name.lower(): (name, value) for name, value in source.items()}
        return tuple(merged.values())


def complaint(message: str, fix: str, origin: Origin) -> Complaint:
    """A complaint about what an input says, or a line of the file."""
    if origin.path:
        return Complaint(f"`{origin.name}`: {message}", fix, origin.path, origin.line)
    return Complaint(f"input `{origin.name}`: {message}", fix)
