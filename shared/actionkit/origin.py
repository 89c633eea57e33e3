"""Who asks for something, so that a message can name the place where it is changed. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The name of an input, or the dotted key of a config file with its path and line."""

    name: str
    path: str = ""
    line: int | None = None

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line is not None else self.path
        return f"`{self.name}` in {where}" if where else f"`{self.name}`"
