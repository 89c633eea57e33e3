"""How large a SARIF document is as an upload."""

from __future__ import annotations

import zlib

_CHUNK = 1 << 20


def packed(data: bytes, limit: int) -> int:
    """Bytes of the upload. What is within `limit` unpacked, or packed in a hurry, is not packed again to know more."""
    if len(data) <= limit:
        return len(data)
    quick = _size(data, 1)
    return quick if quick <= limit else _size(data, 9)


def _size(data: bytes, level: int) -> int:
    """The size as gzip at a level of zlib; `upload` packs at 9."""
    packer = zlib.compressobj(level, wbits=31)
    view = memoryview(data)
    size = sum(len(packer.compress(view[at : at + _CHUNK])) for at in range(0, len(data), _CHUNK))
    return size + len(packer.flush())
