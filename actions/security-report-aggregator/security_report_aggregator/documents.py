"""Opens the files of a workspace as documents: gzip and zip unpacked within limits, any Unicode as UTF-8.

Whatever cannot be opened comes as the Unreadable that says why, beside the documents that can.
"""

from __future__ import annotations

import codecs
import io
import re
import stat
import zlib
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from actionkit.errors import Unreadable
from actionkit.untrusted import one_line, shortened
from actionkit.workspace import Workspace
from security_report_aggregator import tools
from security_report_aggregator.document import Document

if TYPE_CHECKING:
    from gzip import GzipFile
    from zipfile import ZipFile, ZipInfo

FILE_LIMIT = 256 * 1024 * 1024
"""Bytes of a file, and of all that an archive holds."""
MEMBER_LIMIT = 1000
RATIO_LIMIT = 200
"""Bytes that one packed byte may hold, in what unpacks to over RATIO_FLOOR; reports pack to about a twentieth."""
RATIO_FLOOR = 16 * 1024 * 1024

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")

_ZIP_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1
_CHUNK = 1024 * 1024
_DRIVE = re.compile(r"[A-Za-z]:")
_UTF16_DECLARED = re.compile(rb"""(<\?xml[^>]{0,100}encoding=["'])utf-16(?:[lb]e)?(["'])""", re.IGNORECASE)
_COMPANION = re.compile(
    r"(?:^|/)(?:__MACOSX/.*|\.DS_Store|README(?:\.(?:md|rst|txt))?|LICEN[CS]E(?:\.(?:md|txt))?)\Z", re.I
)
"""What people and their systems pack beside reports; no scanner writes one by these names."""
_EMPTY = "is empty: the scanner that should have written it did not finish"
_SILENT = {
    "trufflehog": "is empty, as TruffleHog leaves it both when it finds nothing and when it fails: "
    "keep its log in the same file (`2>&1`) and the two can be told apart",
    "noseyparker": "is empty, as Nosey Parker's JSON Lines are when it finds nothing, but a crash looks the same: "
    "write `--format json`",
}
"""Scanners whose report of nothing is an empty file."""


def documents(workspace: Workspace, path: str, *, label: str, key: bytes) -> Iterator[Document | Unreadable]:
    """The documents in one file of the workspace: itself, what a gzip holds, or the files in a zip (`a.zip!member`).

    `label` and `key` are those of `Document`. Never raises Unreadable: what cannot be opened is yielded as one.
    """
    try:
        data = workspace.read(path, FILE_LIMIT)
        if data.startswith(ZIP_MAGICS):
            for name, member in _members(path, data):
                yield member if isinstance(member, Unreadable) else _opened(name, member, label, key)
            return
        if data.startswith(GZIP_MAGIC):
            data = _gunzipped(path, data)
            _refuse_archive(path, data)
    except Unreadable as error:
        yield error
        return
    yield _opened(path, data, label, key)


def _opened(name: str, data: bytes, label: str, key: bytes) -> Document | Unreadable:
    shown = one_line(name)
    try:
        text = _as_utf8(shown, data)
    except Unreadable as error:
        return error
    if not text or text.isspace():
        tool = tools.normalised(label) if label else tools.hinted(name)
        return Unreadable(shown, _SILENT.get(tool, _EMPTY))
    return Document(shown, text, label, key)


def _as_utf8(name: str, data: bytes) -> bytes:
    """UTF-16 as UTF-8, without a byte order mark; all other bytes as they are, for the readers to judge."""
    if data.startswith(codecs.BOM_UTF8):
        return data[len(codecs.BOM_UTF8) :]
    encoding = _utf16(data)
    if not encoding:
        return data
    decoder = codecs.getincrementaldecoder(encoding)()
    made = io.BytesIO()
    try:
        for at in range(0, len(data), _CHUNK):
            made.write(decoder.decode(data[at : at + _CHUNK], at + _CHUNK >= len(data)).encode())
    except UnicodeError as error:
        raise Unreadable(name, f"starts like UTF-16 but is not: {error.args[-1]}") from None
    text = made.getvalue().removeprefix(codecs.BOM_UTF8)
    # An XML parser takes the declaration's word for it.
    return _UTF16_DECLARED.sub(rb"\1utf-8\2", text, count=1) if _UTF16_DECLARED.match(text) else text


def _utf16(data: bytes) -> str:
    """The codec of UTF-16 text, by its mark or because every second byte of its beginning is 0; "" for other text."""
    if data.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if data.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    head = data[:64]
    even, odd = head[0::2], head[1::2]
    if len(head) < 4 or len(data) % 2:
        return ""
    if not any(odd) and all(even):
        return "utf-16-le"
    return "utf-16-be" if not any(even) and all(odd) else ""


class _Budget:
    """How much may still be unpacked from one archive."""

    def __init__(self, name: str) -> None:
        self._name, self._left = name, FILE_LIMIT

    def take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise _Exhausted(self._name, f"unpacks to more than {FILE_LIMIT >> 20} MiB, so it is not read")


class _Exhausted(Unreadable):
    """The whole archive is too large; the members before are read."""


def _refuse_ratio(name: str, packed: int, unpacked: int) -> None:
    if unpacked > RATIO_FLOOR and unpacked > RATIO_LIMIT * max(packed, 1):
        raise Unreadable(name, f"unpacks to more than {RATIO_LIMIT} times its size: a bomb, not a report")


def _refuse_archive(name: str, data: bytes) -> None:
    if data.startswith((GZIP_MAGIC, *ZIP_MAGICS)):
        raise Unreadable(one_line(name), "is an archive inside an archive; hand over the reports packed once")


def _gunzipped(path: str, data: bytes) -> bytes:
    """What a gzip file of one or more members holds, checksums verified. Raises Unreadable."""
    import gzip

    name = one_line(path)
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        return _drained(file, name, len(data), _Budget(name))


def _drained(file: IO[bytes] | GzipFile, name: str, packed: int, budget: _Budget) -> bytes:
    """All that `file` unpacks to from `packed` bytes, read in steps so that a bomb ends at the limits."""
    from zipfile import BadZipFile

    made = io.BytesIO()
    try:
        while chunk := file.read(_CHUNK):
            budget.take(len(chunk))
            made.write(chunk)
            _refuse_ratio(name, packed, made.tell())
    except EOFError:
        raise Unreadable(name, "is packed and ends too early: truncated") from None
    except (BadZipFile, zlib.error, ValueError, OSError) as error:
        raise Unreadable(name, f"cannot be unpacked, it is damaged: {_plain(error)}") from None
    return made.getvalue()


def _plain(error: Exception) -> str:
    return shortened(one_line(str(error)), 120)


def _members(path: str, data: bytes) -> Iterator[tuple[str, bytes | Unreadable]]:
    """The files in a zip with their names, each unpacked or with the reason why it is not."""
    import zipfile

    name = one_line(path)
    # The directory is looked at before it is read: an entry of it costs more memory than it has bytes.
    if data.count(_ZIP_ENTRY) > MEMBER_LIMIT:
        raise Unreadable(name, f"holds more than {MEMBER_LIMIT:,} files, so it is not read")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, UnicodeDecodeError, ValueError, NotImplementedError, EOFError) as error:
        raise Unreadable(name, f"is a damaged or truncated zip: {_plain(error)}") from None
    entries = [entry for entry in archive.infolist() if not entry.orig_filename.endswith("/")]
    entries = [entry for entry in entries if not _COMPANION.search(entry.orig_filename)]
    if not entries:
        raise Unreadable(name, "is a zip without any report in it")
    budget, seen = _Budget(name), set[str]()
    for entry in entries:
        member = f"{path}!{entry.orig_filename}"
        try:
            _refuse_entry(member, entry, seen)
            unpacked = _unpacked(archive, entry, member, budget)
            _refuse_archive(member, unpacked)
        except _Exhausted:
            raise
        except Unreadable as error:
            yield member, error
        else:
            yield member, unpacked


def _refuse_entry(member: str, entry: ZipInfo, seen: set[str]) -> None:
    """Raise Unreadable for an entry that no tool that packs reports makes."""
    name = entry.orig_filename
    reason = ""
    if name.startswith("/") or _DRIVE.match(name) or "\\" in name or "\0" in name or ".." in name.split("/"):
        reason = "is refused for its name, which leads out of the archive"
    elif name in seen:
        reason = "is in the archive twice, so which one is meant is unknown"
    elif entry.flag_bits & _ENCRYPTED:
        reason = "is encrypted; hand over reports without a password"
    elif stat.S_ISLNK(entry.external_attr >> 16):
        reason = "is a link, not a file"
    elif entry.compress_type not in (0, 8):
        # Only these unpack in steps: a few bytes of bzip2 or LZMA take any amount of memory at once.
        reason = "is packed with another method than deflate; zip it again as usual"
    seen.add(name)
    if reason:
        raise Unreadable(one_line(member), reason)


def _unpacked(archive: ZipFile, entry: ZipInfo, member: str, budget: _Budget) -> bytes:
    from zipfile import BadZipFile

    name = one_line(member)
    try:
        file = archive.open(entry)
    except (BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError, OSError) as error:
        raise Unreadable(name, f"cannot be unpacked, it is damaged: {_plain(error)}") from None
    with file:
        return _drained(file, name, min(entry.compress_size, archive.start_dir), budget)
