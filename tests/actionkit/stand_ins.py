"""Doors that answer what no real one can be made to answer."""

from __future__ import annotations

from typing import Any

from actionkit.git import GitFailed


class BrokenGit:
    """A repository that git can no longer read."""

    def __getattr__(self, name: str) -> Any:
        def fail(*_: object) -> Any:
            if name == "available":
                return True
            raise GitFailed("`git rev-parse` failed: bad object")

        return fail


class NoGit(BrokenGit):
    """A folder that is no checkout, or a machine without git."""

    def available(self) -> bool:
        return False


class Answers:
    """A GitHub that gives one answer, or raises it."""

    def __init__(self, answer: Any, files: list[dict[str, Any]] | None = None) -> None:
        self.answer, self.files = answer, files or []

    def raw(self, *_: object, **__: object) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    get = raw

    def pages(self, *_: object, **__: object) -> Any:
        return iter(self.files)


class Refusing:
    """A GitHub that raises this, whatever it is asked."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def raw(self, *_: object, **__: object) -> Any:
        raise self.error

    get_or_none = raw
