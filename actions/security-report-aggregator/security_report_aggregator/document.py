"""A report on its way into a reader: what messages call it, its bytes as UTF-8, and what its beginning looks like."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from actionkit import jsonstream
from actionkit.errors import Unreadable
from actionkit.jsondoc import Outline, outline
from actionkit.jsonstream import Path, Stream
from actionkit.xmldoc import Root, root_of
from security_report_aggregator.model import Scan

HEAD_SIZE = 256 * 1024
LONG_HEAD_SIZE = 8 * 1024 * 1024
"""Bytes of a JSON document that are looked at where its head tells nothing: some scanners list files first."""


class Kind(StrEnum):
    """What the first character that is no blank says a report is."""

    OBJECT = "object"
    ARRAY = "array"
    XML = "xml"
    TEXT = "text"


@dataclass(frozen=True)
class Document:
    """One report: a file, or a member of a zip (then `name` is `archive.zip!member`). `data` is UTF-8 without mark.

    `label` is the scanner the user says wrote it (`tool=glob`), "" if nobody did. `key` is random and new in every run:
    digests of secrets made with it mean nothing outside this run.
    """

    name: str
    data: bytes = field(repr=False)
    label: str = ""
    key: bytes = field(default=b"", repr=False)
    head_size: int = HEAD_SIZE

    @cached_property
    def head(self) -> str:
        """The first 256 KiB (`head_size`) as text, for telling formats apart."""
        return self.data[: self.head_size].decode("utf-8", "replace")

    @cached_property
    def kind(self) -> Kind:
        first = self.head.lstrip()[:1]
        return {"{": Kind.OBJECT, "[": Kind.ARRAY, "<": Kind.XML}.get(first, Kind.TEXT)

    @cached_property
    def keys(self) -> Outline:
        """Paths of the keys in the head of a JSON document; the step into a list is "[]" (`jsondoc.has`)."""
        return outline(self.data[: self.head_size])

    def has(self, *path: str) -> bool:
        """Whether the head of a JSON document has exactly this path of keys, e.g. `has("runs", "[]", "tool")`."""
        return path in self.keys

    @cached_property
    def root(self) -> Root | None:
        """The root element of an XML document; None for anything else."""
        return root_of(self.data[:HEAD_SIZE]) if self.kind is Kind.XML else None

    def json(self) -> object:
        """The document as one value; for formats whose reports are small. Raises Unreadable."""
        return jsonstream.whole(self.name, self.data)

    def walk(self, *streams: Stream) -> Iterator[tuple[Path, object]]:
        """The document piece by piece (`jsonstream.walk`), for formats whose reports may be large."""
        return jsonstream.walk(self.name, self.data, *streams)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """The lines that are not blank, with their numbers from 1: for JSON Lines and plain text."""
        start, number = 0, 0
        while start < len(self.data):
            end = self.data.find(b"\n", start)
            end = len(self.data) if end < 0 else end
            number += 1
            line = self.data[start:end].strip()
            if line:
                yield number, line
            start = end + 1

    def digest(self, secret: str) -> str:
        """A keyed digest that is equal for one secret in all reports of this run, and says nothing of it to others."""
        # Through SHA-1, since that is all detect-secrets tells of a secret.
        return self.digest_of_sha1(hashlib.sha1(secret.encode("utf-8", "replace"), usedforsecurity=False).hexdigest())

    def digest_of_sha1(self, hexdigest: str) -> str:
        """The same for a secret of which the report holds the SHA-1 in hex (detect-secrets' `hashed_secret`)."""
        return hmac.new(self.key, hexdigest.strip().lower().encode(), hashlib.sha256).hexdigest()

    def unreadable(self, reason: str, line: int | None = None) -> Unreadable:
        """The error to raise for this document."""
        return Unreadable(self.name, reason, line)


@dataclass(frozen=True, slots=True)
class Reader:
    """A report format: its name, how it looks, and how it is read.

    `recognises` looks at the document's head only and never raises. `read` gives one scan, or one a run for formats
    that hold several; it raises Unreadable and nothing else. What a scan did not cover goes into its `gaps`.
    """

    name: str
    recognises: Callable[[Document], bool]
    read: Callable[[Document], tuple[Scan, ...]]
