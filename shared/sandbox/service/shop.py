"""The shop's API: what each path answers. No sockets; shared by all replicas, as a database would be."""

from __future__ import annotations

import gzip
import html
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .message import HTML, JSON, Asked, Reply, as_json, problem
from .openapi import document
from .transitions import Release

USERS = {"smoke": "correct-horse-battery"}
"""Who may log in, and with which password."""

ITEMS = {
    "A-100": {"name": "Lamp", "price": 19.9, "tags": ["light", "home"], "stock": 12},
    "A-200": {"name": "Desk", "price": 249.0, "tags": ["home", "office"], "stock": 3},
    "B-300": {"name": "Mug — größer", "price": 7.5, "tags": ["kitchen"], "stock": 0},
}
_ETERNITY = 600_000
"""Most milliseconds that /slow sleeps."""


@dataclass(slots=True)
class Order:
    """`polls`: how often its state was asked for."""

    id: str
    sku: str
    quantity: int
    polls: int = 0


@dataclass
class Shop:
    """State and settings; the settings may be changed while it is served.

    order_polls: how many times an order is pending before it is ready; orders_fail: then it is "failed" instead;
    backup_age: how old `last_backup` of every item is.
    """

    users: Mapping[str, str] = field(default_factory=lambda: USERS)
    order_polls: int = 2
    orders_fail: bool = False
    backup_age: timedelta = timedelta(hours=1)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    tokens: dict[str, str] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)

    def answer(self, asked: Asked, release: Release) -> Reply:
        """The answer of a replica that runs this release."""
        method = "GET" if asked.method == "HEAD" else asked.method
        handler = _EXACT.get((method, asked.path))
        if handler is not None:
            return handler(self, asked, release)
        for pattern, templated in _TEMPLATES:
            if found := pattern.fullmatch(asked.path):
                return templated(self, asked, found[1]) if method == "GET" else _not_allowed("GET")
        allowed = sorted(verb for verb, path in _EXACT if path == asked.path)
        return _not_allowed(", ".join(allowed)) if allowed else problem(404, f"nothing at {asked.path[:200]}")

    def user(self, asked: Asked) -> str | None:
        """Whose bearer token or session came with the request."""
        scheme, _, token = asked.header("authorization").partition(" ")
        found = self.tokens.get(token.strip()) if scheme.lower() == "bearer" else None
        return found or self.tokens.get(asked.cookies.get("session", ""))


def _not_allowed(allowed: str) -> Reply:
    return problem(405, f"allowed: {allowed}", (("Allow", allowed),))


def _unauthorized() -> Reply:
    return problem(401, "log in at /api/login", (("WWW-Authenticate", 'Bearer realm="shop"'),))


def _page(title: str) -> Reply:
    body = f"<!doctype html><html><head><title>{html.escape(title)}</title></head><body><h1>{title}</h1></body></html>"
    return Reply(200, body.encode(), media=HTML)


def _moved(status: int, location: str) -> Reply:
    return Reply(status, headers=(("Location", location),))


def _health(_shop: Shop, _asked: Asked, release: Release) -> Reply:
    said = {"version": release.version, "build": release.build, "status": "ok"}
    return as_json(said, headers=(("Cache-Control", "no-cache"),))


def _login(shop: Shop, asked: Asked, _release: Release) -> Reply:
    given = asked.json()
    if not isinstance(given, dict) or not isinstance(given.get("user"), str):
        return problem(422, "user and password are needed")
    if given["user"] not in shop.users or shop.users[given["user"]] != given.get("password"):
        return _unauthorized()
    token = secrets.token_hex(16)
    shop.tokens[token] = given["user"]
    cookie = f"session={token}; Path=/; Secure; HttpOnly; SameSite=Lax"
    return as_json({"token": token, "user": given["user"]}, headers=(("Set-Cookie", cookie),))


def _logout(shop: Shop, asked: Asked, _release: Release) -> Reply:
    user = shop.user(asked)
    if user is None:
        return _unauthorized()
    shop.tokens = {token: name for token, name in shop.tokens.items() if name != user}
    return Reply(204, headers=(("Set-Cookie", "session=; Path=/; Max-Age=0"),))


def _items(shop: Shop, asked: Asked, _release: Release) -> Reply:
    reply = as_json({"items": [_item_json(shop, sku) for sku in ITEMS]}, headers=(("Vary", "Accept-Encoding"),))
    return _packed(reply) if "gzip" in asked.header("accept-encoding") else reply


def _item(shop: Shop, asked: Asked, sku: str) -> Reply:
    if shop.user(asked) is None:
        return _unauthorized()
    if sku not in ITEMS:
        return problem(404, f"no item {sku[:200]}")
    return as_json(_item_json(shop, sku), headers=(("Cache-Control", "private, max-age=60"),))


def _item_json(shop: Shop, sku: str) -> dict[str, Any]:
    backup = (shop.now() - shop.backup_age).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"sku": sku, **ITEMS[sku], "last_backup": backup}


def _place_order(shop: Shop, asked: Asked, _release: Release) -> Reply:
    if shop.user(asked) is None:
        return _unauthorized()
    given = asked.json()
    quantity = given.get("quantity", 1) if isinstance(given, dict) else None
    if not isinstance(given, dict) or given.get("sku") not in ITEMS or not isinstance(quantity, int):
        return problem(422, "a known sku and a quantity are needed")
    order = Order(str(1000 + len(shop.orders) + 1), given["sku"], quantity)
    shop.orders[order.id] = order
    return as_json(_order_json(shop, order), 201, (("Location", f"/api/orders/{order.id}"),))


def _latest_order(shop: Shop, _asked: Asked, _release: Release) -> Reply:
    return _polled(shop, next(reversed(shop.orders.values()), None))


def _order(shop: Shop, _asked: Asked, number: str) -> Reply:
    return _polled(shop, shop.orders.get(number))


def _polled(shop: Shop, order: Order | None) -> Reply:
    if order is None:
        return problem(404, "no such order")
    order.polls += 1
    return as_json(_order_json(shop, order))


def _order_json(shop: Shop, order: Order) -> dict[str, Any]:
    over = "failed" if shop.orders_fail else "ready"
    state = over if order.polls > shop.order_polls else "pending"
    return {"id": order.id, "sku": order.sku, "quantity": order.quantity, "state": state}


def _slow(_shop: Shop, asked: Asked, _release: Release) -> Reply:
    """Answers after `ms` milliseconds, without a thread or a busy wait."""
    given = asked.query.get("ms", "100")
    if not (given.isascii() and given.isdigit()) or int(given[:9]) > _ETERNITY:
        return problem(422, f"ms: 0 to {_ETERNITY}")
    return Reply(200, b'{"slept_ms": %s}' % given.encode(), media=JSON, after=int(given) / 1000)


_NOW = Reply(200, b'{"status": "ok"}', media=JSON)


def _etag(_shop: Shop, asked: Asked, release: Release) -> Reply:
    tag = f'"{release.build[:12]}"'
    headers = (("ETag", tag), ("Cache-Control", "max-age=60"))
    if tag in (one.strip() for one in asked.header("if-none-match").split(",")):
        return Reply(304, headers=headers)
    return as_json({"build": release.build}, headers=headers)


def _gzip(_shop: Shop, _asked: Asked, release: Release) -> Reply:
    return _packed(as_json({"gzipped": True, "build": release.build}))


def _packed(reply: Reply) -> Reply:
    body = gzip.compress(reply.body, mtime=0)
    return Reply(reply.status, body, (*reply.headers, ("Content-Encoding", "gzip")), reply.media)


def _cookie(_shop: Shop, asked: Asked, _release: Release) -> Reply:
    """Tells the cookies that came, and sets those of the query (names and values of plain characters)."""
    plain = re.compile(r"[A-Za-z0-9_.-]+")
    wanted = [(name, value) for name, value in asked.query.items() if plain.fullmatch(name) and plain.fullmatch(value)]
    set_them = tuple(("Set-Cookie", f"{name}={value}; Path=/") for name, value in wanted)
    return as_json({"cookies": asked.cookies}, headers=set_them)


def _private(shop: Shop, asked: Asked, _release: Release) -> Reply:
    return _page("Private") if shop.user(asked) else _moved(302, "/login")


def _openapi(_shop: Shop, _asked: Asked, release: Release) -> Reply:
    return as_json(document(release.version))


_EXACT: dict[tuple[str, str], Callable[[Shop, Asked, Release], Reply]] = {
    ("GET", "/bench/now"): lambda *_: _NOW,
    ("GET", "/bench/slow"): _slow,
    ("GET", "/health"): _health,
    ("GET", "/version"): _health,
    ("POST", "/api/login"): _login,
    ("POST", "/api/logout"): _logout,
    ("GET", "/api/items"): _items,
    ("POST", "/api/orders"): _place_order,
    ("GET", "/api/order"): _latest_order,
    ("GET", "/old"): lambda *_: _moved(301, "/home"),
    ("GET", "/home"): lambda *_: _page("Home"),
    ("GET", "/"): lambda *_: _page("Shop"),
    ("GET", "/login"): lambda *_: _page("Log in"),
    ("GET", "/private"): _private,
    ("GET", "/slow"): _slow,
    ("GET", "/etag"): _etag,
    ("GET", "/gzip"): _gzip,
    ("GET", "/cookie"): _cookie,
    ("GET", "/openapi.json"): _openapi,
}
_TEMPLATES: tuple[tuple[re.Pattern[str], Callable[[Shop, Asked, str], Reply]], ...] = (
    (re.compile(r"/api/items/([^/]+)"), _item),
    (re.compile(r"/api/orders/([0-9]+)"), _order),
)
UNRECORDED = frozenset({"/bench/now", "/bench/slow"})
"""Paths for load: counted, and nothing else is kept of their requests."""
