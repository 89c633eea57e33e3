"""Content codings undone piece by piece, so that no piece of input can become more output than there is room for."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

ACCEPTED = "gzip, deflate"
_STEP = 256 * 1024


class Undecodable(Exception):  # noqa: N818 - says what the body is
    """The message is a sentence part with the body as its subject: "is no valid gzip data"."""


def coding_of(values: Sequence[str]) -> str:
    """The coding that Content-Encoding headers name: "gzip", "deflate" or "". Raises Undecodable for any other."""
    named = [word.strip().lower().removeprefix("x-") for value in values for word in value.split(",")]
    named = [word for word in named if word not in ("", "identity")]
    if not named:
        return ""
    if len(named) > 1:
        raise Undecodable("is encoded more than once")
    if named[0] not in ("gzip", "deflate"):
        raise Undecodable("comes in a Content-Encoding other than gzip and deflate")
    return named[0]


class Decoder:
    """gzip of one or more members, or deflate with or without the header of zlib (RFC 9110, 8.4.1.2)."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS | 16) if coding == "gzip" else None
        self._held = b""
        self._inside = self._over = False
        self._members = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Pieces of at most 256 KiB. Raises Undecodable."""
        if self._zlib is None:
            self._held += data
            if len(self._held) < 2:
                return
            data, self._zlib = self._held, zlib.decompressobj(_deflate_bits(self._held))
        full = False
        while (data or full) and not self._over:
            piece, data = self._step(self._zlib, data)
            full = len(piece) == _STEP
            if piece:
                yield piece

    def finish(self) -> None:
        """No more input comes. Raises Undecodable if the end is missing; no input at all is an empty body."""
        if (self._inside or self._held) and not self._over:
            raise Undecodable(f"ends in the middle of its {self._coding} data")

    def _step(self, decompressor: zlib._Decompress, data: bytes) -> tuple[bytes, bytes]:
        try:
            piece = decompressor.decompress(data, _STEP)
        except zlib.error:
            if not self._members:
                raise Undecodable(f"is no valid {self._coding} data") from None
            self._over = True  # padding behind a whole member, as gzip(1) takes it
            return b"", b""
        if not decompressor.eof:
            self._inside = True
            return piece, decompressor.unconsumed_tail
        self._members += 1
        self._inside, self._over = False, self._coding == "deflate"
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS | 16)
        return piece, decompressor.unused_data


def _deflate_bits(head: bytes) -> int:
    """Window bits for data with zlib's header (RFC 1950, 2.2) or, as some servers send it, without."""
    wrapped = head[0] & 0x0F == 8 and (head[0] << 8 | head[1]) % 31 == 0
    return zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS
