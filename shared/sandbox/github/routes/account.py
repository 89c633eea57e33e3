"""Who am I, what is left of my quota."""

from __future__ import annotations

from ..exchange import ApiError, Call, Object, Reply, Route
from ..site import stamp
from ..tokens import TokenKind
from ..views.accounts import public_user


def user(call: Call) -> Reply:
    if call.token is None:
        raise ApiError(401, "Requires authentication")
    if call.token.kind is TokenKind.INSTALLATION:
        raise ApiError(403, "Resource not accessible by integration")
    return Reply(body=public_user(call.links, call.token.owner, stamp(call.site.clock())))


def rate_limit(call: Call) -> Reply:
    if call.token is None:
        raise ApiError(404, "Rate limiting is not enabled.")
    quota = call.token.quota
    core: Object = {
        "limit": quota.limit,
        "remaining": quota.remaining,
        "used": quota.limit - quota.remaining,
        "reset": int(quota.resets_at.timestamp()),
    }
    search = {"limit": 30, "remaining": 30, "used": 0, "reset": core["reset"]}
    return Reply(body={"resources": {"core": core, "search": search}, "rate": core})


def meta(_: Call) -> Reply:
    return Reply(body={"verifiable_password_authentication": False})


ROUTES = (
    Route("GET", "/user", user),
    Route("GET", "/rate_limit", rate_limit),
    Route("GET", "/meta", meta),
)
