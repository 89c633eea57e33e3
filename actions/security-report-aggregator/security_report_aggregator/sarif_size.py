"""How large a SARIF document is as an upload."""

from __future__ import annotations

import zlib

from security_report_aggregator.sarif_limits import MAX_GZIP_BYTES

LARGEST = 128 * 1024 * 1024
"""Bytes of a document before it is packed; SARIF packs to a tenth and less, so more would hardly fit."""

_CHUNK = 1 << 20


def packed(data: bytes) -> int:
    """Bytes of the upload. What fits unpacked, or packed in a hurry, is not packed again to know the number."""
    if len(data) <= MAX_GZIP_BYTES:
        return len(data)
    quick = _size(data, 1)
    return quick if quick <= MAX_GZIP_BYTES else _size(data, 9)


def _size(data: bytes, level: int) -> int:
    """The size as gzip at a level of zlib; `upload` packs at 9."""
    packer = zlib.compressobj(level, wbits=31)
    view = memoryview(data)
    size = sum(len(packer.compress(view[at : at + _CHUNK])) for at in range(0, len(data), _CHUNK))
    return size + len(packer.flush())
