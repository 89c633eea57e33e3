"""The sources that findings point into, read once and held in bounded memory."""

from __future__ import annotations

import os
import re
import sys
from array import array
from collections import OrderedDict
from collections.abc import Sequence

from actionkit.errors import Unreadable
from actionkit.workspace import Workspace
from security_report_aggregator.line_hash import line_hashes

FILE_LIMIT = 8 * 1024 * 1024
"""Bytes of one file. Longer ones are generated or data: nobody reads a line of them in a report."""
HELD_LIMIT = 64 * 1024 * 1024
"""Bytes of all files held at once; the one not asked for the longest goes first."""

HASHED_LINES = 200_000
"""Lines of one file that are hashed; a hash is some seventy bytes, even of an empty line."""

_LINE_END = re.compile(r"\r\n|\n|\r")
_HASH = 80
"""Bytes of a line's hash, with its place in a list."""
_ENTRY = 512
"""Bytes of an entry beside what it holds: paths that lead nowhere are remembered too, and cost something."""


class _Held:
    """One file: its text and where its lines start, or None for what cannot be read."""

    def __init__(self, text: str | None) -> None:
        self.text = text
        self._starts: array[int] | None = None
        self._hashes: Sequence[str] | None = None

    def line(self, number: int) -> str | None:
        if self.text is None or number < 1:
            return None
        starts = self._line_starts(self.text)
        if number > len(starts) or starts[number - 1] == len(self.text):
            return None
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def hashes(self) -> Sequence[str]:
        if self._hashes is None:
            is_hashed = self.text is not None and len(self._line_starts(self.text)) <= HASHED_LINES
            self._hashes = line_hashes(self.text or "") if is_hashed else ()
        return self._hashes

    def _line_starts(self, text: str) -> array[int]:
        if self._starts is None:
            self._starts = array("I", [0])
            self._starts.extend(found.end() for found in _LINE_END.finditer(text))
        return self._starts

    @property
    def size(self) -> int:
        starts = sys.getsizeof(self._starts) if self._starts else 0
        return sys.getsizeof(self.text) + starts + len(self._hashes or ()) * _HASH


class Sources:
    """The files of the workspace as findings speak of them; never raises, whatever the path. Paths are untrusted."""

    def __init__(self, workspace: Workspace, held_limit: int = HELD_LIMIT) -> None:
        self._workspace = workspace
        self._limit = held_limit
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._size = 0

    @property
    def held_size(self) -> int:
        """Bytes held now."""
        return self._size

    def text(self, path: str) -> str | None:
        """The whole file; None for what is not there, no plain file, outside the workspace or over FILE_LIMIT."""
        return self._file(path).text

    def line(self, path: str, number: int) -> str | None:
        """Line `number` (from 1) without its end; None where there is no such file or line."""
        held = self._file(path)
        found = held.line(number)
        self._weigh(path, held)
        return found

    def hashes(self, path: str) -> Sequence[str]:
        """`line_hash.line_hashes` of the file; empty where there is no text, or more than HASHED_LINES lines."""
        held = self._file(path)
        found = held.hashes()
        self._weigh(path, held)
        return found

    def _file(self, path: str) -> _Held:
        held = self._held.get(path)
        if held is None:
            held = self._held[path] = _Held(self._read(path))
            self._weigh(path, held)
        else:
            self._held.move_to_end(path)
        return held

    def _read(self, path: str) -> str | None:
        # Reports name thousands of files that are not here (another checkout's, an image's): one look each is enough.
        if not os.path.lexists(f"{self._workspace.root}/{path}"):
            return None
        try:
            return self._workspace.text(path, FILE_LIMIT).text
        except (Unreadable, ValueError):  # A path that cannot be encoded is a ValueError.
            return None

    def _weigh(self, path: str, held: _Held) -> None:
        size = held.size + _ENTRY + len(path) * 4
        if self._sizes.get(path) == size:
            return
        self._size += size - self._sizes.get(path, 0)
        self._sizes[path] = size
        while self._size > self._limit and len(self._held) > 1:
            oldest, _ = self._held.popitem(last=False)
            self._size -= self._sizes.pop(oldest)
