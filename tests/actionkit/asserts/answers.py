"""Answers made by hand, and asserts held against them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from actionkit.asserts import Checked, Subject, parse_assert
from actionkit.redact import Redaction
from actionkit.web.model import Answer, Certificate, Hop, Timings, Tls

NOW = datetime(2030, 6, 15, 12, 0, tzinfo=UTC)

CERTIFICATE = Certificate(
    subject="CN=shop.example.com",
    issuer="CN=Example CA",
    starts=datetime(2030, 6, 1, tzinfo=UTC),
    expires=datetime(2030, 7, 20, tzinfo=UTC),
    serial="1ee8b1",
    names=("shop.example.com", "www.shop.example.com"),
)

ITEM = {
    "id": 7,
    "name": "Dune",
    "state": "ready",
    "price": 9.5,
    "sold": False,
    "note": None,
    "tags": ["new", "book"],
    "none": [],
    "owner": {"name": "Ann", "mail": "ann@example.com"},
    "parts": [{"id": "a"}],
    "backup": "2030-06-15T10:00:00Z",
}

HEADERS = (
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store, private"),
    ("Vary", "Accept"),
    ("Vary", "Origin"),
    ("Date", "Sat, 15 Jun 2030 11:59:00 GMT"),
    ("Set-Cookie", "theme=light"),
    ("Set-Cookie", "session=abc123; Expires=Wed, 09 Jun 2031 10:18:14 GMT; Max-Age=3600; Path=/; Secure; HttpOnly"),
)


def an_answer(
    body: bytes | str | Mapping[str, Any] | list[Any] = ITEM,
    headers: tuple[tuple[str, str], ...] = HEADERS,
    **others: Any,
) -> Answer:
    """An answer to `GET /item?q=1` after one redirect, over TLS, in 812 ms; a mapping or list is sent as JSON."""
    data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    made: dict[str, Any] = {
        "status": 200,
        "reason": "OK",
        "version": "HTTP/1.1",
        "headers": headers,
        "body": data,
        "url": "https://shop.example.com/item?q=1",
        "address": "192.0.2.7",
        "seconds": 0.812,
        "timings": Timings(),
        "encoded_bytes": len(data),
        "tls": Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", CERTIFICATE, verified=True),
        "hops": (Hop(301, "https://shop.example.com/item?q=1"),),
    }
    return Answer(**made | others)


def checked(
    text: str,
    answer: Answer | None = None,
    variables: Mapping[str, Any] | None = None,
    redacted: Redaction = str,
) -> Checked:
    """What comes of the assert `text` on the answer."""
    return parse_assert(text).check(Subject(answer or an_answer(), NOW, redacted), variables or {})


def holds(text: str, answer: Answer | None = None, variables: Mapping[str, Any] | None = None) -> bool:
    """Whether it holds; a failed one always says why, in one bounded line."""
    result = checked(text, answer, variables)
    assert bool(result.message) is not result.ok
    assert "\n" not in result.message
    assert len(result.message) < 800
    return result.ok
