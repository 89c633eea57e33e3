"""The remote control of a service that runs as a process: small JSON commands on a port of its own.

GET /-/state, /-/requests; POST /-/fault, /-/mend, /-/deploy, /-/rollback, /-/freeze, /-/shop, /-/stop, each with a JSON
object of the arguments of the method of `Service` it is named after (deploy: `to`, and `defect` as /-/fault takes it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from .faults import NoSuchFaultError, made
from .message import Asked, Reply, as_json, problem
from .rollout import UnderWayError

if TYPE_CHECKING:
    from .connection import Connection
    from .service import Service

Given = dict[str, Any]
_FREEZE_AFTER = 0.05
"""Seconds in which the answer to /-/freeze still leaves."""


def answering(service: Service, stop: Callable[[], None]) -> Callable[[Connection, Asked], Reply]:
    """What answers on the admin port; `stop` is called by /-/stop."""

    def serve(_connection: Connection, asked: Asked) -> Reply:
        if asked.method == "GET" and asked.path in _VIEWS:
            return as_json(_VIEWS[asked.path](service))
        if asked.method == "POST" and asked.path == "/-/stop":
            stop()
            return as_json({"ok": True}, 202)
        if asked.method != "POST" or asked.path not in _COMMANDS:
            return problem(404, f"there are {', '.join([*_VIEWS, *_COMMANDS, '/-/stop'])}")
        given = asked.json() if asked.body else {}
        if not isinstance(given, dict):
            return problem(422, "a JSON object is needed")
        try:
            _COMMANDS[asked.path](service, given)
        except (NoSuchFaultError, UnderWayError, KeyError, TypeError, ValueError) as error:
            return problem(422, f"{type(error).__name__}: {error}")
        return as_json({"ok": True}, 202)

    return serve


def state(service: Service) -> dict[str, Any]:
    """Addresses, versions, transitions and gaps; times are seconds of the machine's monotonic clock."""
    return {
        "replicas": [
            {"name": one.name, "url": one.url, "version": one.version, "gaps": _seconds(service, number)}
            for number, one in enumerate(service.replicas)
        ],
        "transitions": [
            {"at": one.at, "server": one.server, "what": one.what, "note": one.note} for one in service.transitions
        ],
        "deploying": service.deploying,
        "arrived": service.arrived,
        "mishaps": service.mishaps,
    }


def _seconds(service: Service, replica: int) -> list[dict[str, float | None]]:
    return [{"start": gap.start, "end": gap.end} for gap in service.gaps(replica)]


def _requests(service: Service) -> list[dict[str, Any]]:
    return [
        {
            "at": one.at,
            "replica": one.replica,
            "method": one.method,
            "target": one.target,
            "headers": one.headers,
            "body": one.body.decode("utf-8", "replace"),
            "fault": one.fault,
        }
        for one in service.requests
    ]


def _fault(service: Service, given: Given) -> None:
    service.fault(given.pop("kind"), on=given.pop("on", None), **given)


def _deploy(service: Service, given: Given) -> None:
    defect: Mapping[str, Any] | None = given.pop("defect", None)
    options = dict(defect or {})
    fault = made(options.pop("kind"), options) if defect else None
    service.rolling_deploy(given.pop("to"), defect=fault, **given)


def _freeze(service: Service, given: Given) -> None:
    service.freeze(float(given["seconds"]), max(float(given.get("after", 0)), _FREEZE_AFTER))


def _shop(service: Service, given: Given) -> None:
    """Settings: `orders_fail`, `order_polls`, `backup_hours`."""
    shop = service.shop
    shop.orders_fail = bool(given.get("orders_fail", shop.orders_fail))
    shop.order_polls = int(given.get("order_polls", shop.order_polls))
    if "backup_hours" in given:
        shop.backup_age = timedelta(hours=float(given["backup_hours"]))


_VIEWS: dict[str, Callable[[Service], Any]] = {"/-/state": state, "/-/requests": _requests}
_COMMANDS: dict[str, Callable[[Service, Given], object]] = {
    "/-/fault": _fault,
    "/-/mend": lambda service, given: service.mend(**given),
    "/-/deploy": _deploy,
    "/-/rollback": lambda service, given: service.rollback(**given),
    "/-/freeze": _freeze,
    "/-/shop": _shop,
}
