"""Workflow commands: how an action talks to the runner through its output.

The runner reads stdout and stderr line by line and obeys `::command::` at the start of a line and `##[command]`
anywhere in it, whoever wrote the line. So everything others wrote goes through `Commands.foreign`. Outside GitHub
Actions the same calls print for a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TextIO

from actions_toolkit.command import Command

from actionkit.untrusted import one_line, visible

SHORTEST_MASK = 4
"""Masking a shorter text would star out ordinary words and numbers all over the log."""


class Commands:
    """The runner at the other end of `stream`; with `in_actions` False a person at a terminal."""

    def __init__(self, stream: TextIO, in_actions: bool) -> None:
        self._stream = stream
        self._in_actions = in_actions

    def add_mask(self, secret: str) -> None:
        """Have the runner star `secret` out of every later line. Say nothing else before it.

        Logs are masked line by line, so every line of a longer secret is masked too; lines shorter than
        `SHORTEST_MASK` are left alone (a key file's `}`), and then so is the whole, which the runner would split.
        """
        if not self._in_actions:
            return
        lines = [line.strip() for line in secret.splitlines() if line.strip()]
        if lines and all(len(line) >= SHORTEST_MASK for line in lines):
            self._issue("add-mask", secret.strip())
        if len(lines) > 1:
            for line in lines:
                if len(line) >= SHORTEST_MASK:
                    self._issue("add-mask", line)

    def say(self, text: str) -> None:
        """Print one line of our own, with whatever others wrote in it made harmless: no command, no second line."""
        line = one_line(text)
        self._print(_unbracketed(f"\u200b{line}" if self._in_actions and line.startswith("::") else line))

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """What is printed inside can be folded away in the log."""
        if self._in_actions:
            self._issue("group", one_line(title))
        else:
            self._print(one_line(title))
        try:
            yield
        finally:
            if self._in_actions:
                self._issue("endgroup", "")

    def annotation(
        self,
        level: str,
        message: str,
        *,
        file: str = "",
        line: int | None = None,
        end_line: int | None = None,
        title: str = "",
    ) -> None:
        """An annotation of `level` error, warning or notice, on `line` to `end_line` (1-based) of `file` if known."""
        if not self._in_actions:
            where = ":".join([file, *([str(line)] if line else [])]) if file else ""
            self._print(": ".join(part for part in (level, one_line(where), one_line(title), visible(message)) if part))
            return
        last = max(end_line, line) if end_line and line else None
        place = {"file": visible(file), "line": line, "endLine": last} if file else {}
        properties = {"title": one_line(title), **place}
        self._issue(
            level, _unbracketed(visible(message)), {name: str(value) for name, value in properties.items() if value}
        )

    def foreign(self, text: str) -> None:
        """Print what others wrote (logs, test messages, file names) so that the runner obeys none of it."""
        plain = _unbracketed(visible(text).rstrip("\n"))
        if not self._in_actions:
            self._print(plain)
            return
        from secrets import token_hex

        token = token_hex(16)
        # One write: nothing of ours may fall between the two lines while the runner is not listening.
        self._print(f"{Command('stop-commands', {}, token)}\n{plain}\n::{token}::")

    def _issue(self, name: str, message: str, properties: Mapping[str, str] | None = None) -> None:
        self._print(str(Command(name, dict(properties or {}), message)))

    def _print(self, line: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        # Whoever reads may be gone (`coverage-gate | head -1`); the outcome file and the exit code are still to come.
        with suppress(BrokenPipeError):
            self._stream.write(f"{line}\n".encode(encoding, "replace").decode(encoding))
            self._stream.flush()


def _unbracketed(text: str) -> str:
    """The old command form works anywhere in a line, and the log view draws it even where commands are stopped."""
    return text.replace("##[", "## [")
