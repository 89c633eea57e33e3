"""A report file on its way into a reader: its name for messages, its bytes under a cap, and where sources lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from actionkit.errors import Unreadable
from coverage_gate.model import Report

HEAD_SIZE = 64 * 1024
MIB = 1024 * 1024
SIZE_LIMIT = 512 * MIB


@dataclass(frozen=True, slots=True)
class Source:
    """A report in the workspace. `name` is what messages call it; `root` is the folder source paths start at."""

    name: str
    path: Path
    root: Path

    def read(self) -> bytes:
        """The whole file without a UTF-8 byte order mark.

        Raises Unreadable for an empty, missing or oversized file.
        """
        try:
            size = self.path.stat().st_size
            if size > SIZE_LIMIT:
                raise Unreadable(
                    self.name, f"is {size / MIB:.0f} MiB; the largest report read is {SIZE_LIMIT // MIB} MiB"
                )
            data = self.path.read_bytes()
        except OSError as error:
            raise Unreadable(self.name, f"cannot be opened: {error.strerror or error}") from error
        if not data or data.isspace():
            raise Unreadable(self.name, "is empty: the tool that should have written it did not finish")
        return data.removeprefix(b"\xef\xbb\xbf")

    def head(self) -> bytes:
        """The first 64 KiB without a byte order mark; b"" if the file cannot be opened."""
        try:
            with self.path.open("rb") as file:
                return file.read(HEAD_SIZE).removeprefix(b"\xef\xbb\xbf")
        except OSError:
            return b""


@dataclass(frozen=True, slots=True)
class Reader:
    """A report format: its name in `format:`, how its first 64 KiB look, and how it is read.

    `recognises` never raises. `read` raises Unreadable(name, reason, line) and nothing else.
    """

    name: str
    recognises: Callable[[bytes], bool]
    read: Callable[[Source], Report]
