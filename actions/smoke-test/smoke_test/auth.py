"""Credentials of a step: Basic and Bearer in the first request, Digest after a challenge (RFC 7616)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from actionkit.asserts import template
from actionkit.web.model import Answer, Cause, Limits, Phase, Request, Trouble
from actionkit.web.redirects import STATUSES, next_request
from actionkit.web.url import parsed
from smoke_test.model import Auth
from smoke_test.sending import Variables

if TYPE_CHECKING:
    from requests import Response

    from actionkit.web.cookies import Jar

SUPPORTED = ("MD5", "MD5-SESS", "SHA", "SHA-256", "SHA-512")
"""Digest algorithms, as requests computes them."""

_LEAST = 0.001
_STALE = re.compile(r"\bstale\s*=\s*\"?true\b", re.IGNORECASE)
# Where each challenge of one header starts; what other schemes follow makes parameters that nobody reads.
_CHALLENGE = re.compile(r"(?:^|,)\s*digest\s+", re.IGNORECASE)


class Client(Protocol):
    """What a step needs of `actionkit.web.client.Client`."""

    def send(self, request: Request, limits: Limits, *, follow: int = 0, jar: Jar | None = None) -> Answer: ...

    def close(self) -> None: ...


def authorized(request: Request, auth: Auth | None, variables: Variables) -> Request:
    """`request` with Basic or Bearer credentials, unless it has an Authorization header of its own. Raises Unset."""
    if auth is None or auth.scheme == "digest" or has_own(request):
        return request
    if auth.scheme == "bearer":
        return _with(request, f"Bearer {template.fill(auth.token, variables)}")
    user, password = credentials(auth, variables)
    return _with(request, "Basic " + base64.b64encode(f"{user}:{password}".encode("utf-8", "replace")).decode())


def has_own(request: Request) -> bool:
    """Whether it carries an Authorization header already, which is then left as it is."""
    return names_own(request.headers)


def names_own(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether Authorization is among these headers."""
    return any(name.lower() == "authorization" for name, _ in headers)


def credentials(auth: Auth, variables: Variables) -> tuple[str, str]:
    """User name and password, filled. Raises Unset."""
    return template.fill(auth.user, variables), template.fill(auth.password, variables)


def digest(
    client: Client,
    request: Request,
    user_and_password: tuple[str, str],
    limits: Limits,
    *,
    follow: int,
    jar: Jar,
    clock: Callable[[], float],
) -> Answer:
    """Send `request` and answer each Digest challenge of its own origin, one per URL that a redirect led to.

    The answer's `seconds` are those of all exchanges, its `hops` all that were followed; `limits` hold for the whole.
    Raises Trouble. A challenge that is not understood, or is made again, leaves its 401 as the answer; one that calls
    the nonce stale is answered once more, since that says nothing against the password (RFC 7616, 3.3).
    """
    began, answered, again = clock(), "", False
    answer = client.send(request, limits, follow=follow, jar=jar)
    while answer.status == 401 and _same_origin(answer.url, request.url):
        if answer.url == answered and (again or not _is_stale(answer)):
            break
        again = answer.url == answered
        current = _redirected(request, answer)
        header = _response(answer.all_headers("WWW-Authenticate"), current, user_and_password)
        if header is None:
            break
        answered, hops = answer.url, answer.hops
        left = replace(limits, total_seconds=max(limits.total_seconds - (clock() - began), _LEAST))
        answer = client.send(_with(current, header), left, follow=follow - len(hops), jar=jar)
        answer = replace(answer, hops=hops + answer.hops, seconds=clock() - began)
        if follow and len(answer.hops) == follow and answer.status in STATUSES and answer.header("Location"):
            raise _one_too_many(answer, follow)
    return answer


def _is_stale(answer: Answer) -> bool:
    return any(map(_STALE.search, answer.all_headers("WWW-Authenticate")))


def _one_too_many(answer: Answer, follow: int) -> Trouble:
    """What the client itself raises where a challenge has not used up the redirects before."""
    return Trouble(
        parsed(answer.url).shown,
        Phase.RECEIVE,
        Cause.BAD_REDIRECT,
        f"redirects more than {follow} times",
        seconds=answer.seconds,
        address=answer.address,
        status=answer.status,
        hops=answer.hops,
    )


def _with(request: Request, authorization: str) -> Request:
    return replace(request, headers=(*request.headers, ("Authorization", authorization)))


def _same_origin(url: str, other: str) -> bool:
    return parsed(url).origin == parsed(other).origin


def _redirected(request: Request, answer: Answer) -> Request:
    """The request that `answer` answers, as the client made it on its way there."""
    url = parsed(request.url)
    for hop in answer.hops:
        request, url = next_request(request, url, hop.status, hop.url)
    return request


def _response(challenges: tuple[str, ...], request: Request, user_and_password: tuple[str, str]) -> str | None:
    """The Authorization header for the first challenge in an algorithm that is known, None where there is none.

    requests computes it: it answers a 401 by sending the request again, here over a connection that leads nowhere.
    """
    from requests import PreparedRequest, Response
    from requests.auth import HTTPDigestAuth
    from requests.structures import CaseInsensitiveDict

    prepared = PreparedRequest()
    # Not prepare_url, which spells a path in its own way: the server compares it with the one it was sent.
    prepared.method, prepared.url, prepared.headers = request.method, parsed(request.url).text, CaseInsensitiveDict()
    prepared.prepare_cookies({})
    for challenge in challenges:
        for asked in _asked(challenge):
            refused = Response()
            refused.status_code, refused.request = 401, prepared
            refused.connection = _Nowhere()  # type: ignore[assignment]  # all that is asked of it is `send`
            refused.headers["WWW-Authenticate"] = asked
            scheme = HTTPDigestAuth(*user_and_password)
            scheme(prepared)
            repeated = scheme.handle_401(refused)  # type: ignore[no-untyped-call]
            header = repeated.request.headers.get("Authorization")
            if header is not None:
                return str(header)
    return None


class _Nowhere:
    """A connection that answers without sending."""

    def send(self, _: object) -> Response:
        from requests import Response

        return Response()


def why_not_sent(challenges: tuple[str, ...]) -> str:
    """Why none of these WWW-Authenticate headers was answered, as a sentence part; "" where one can be."""
    flaws = [_flaw(asked) for header in challenges for asked in _challenges(header)]
    if "" in flaws:
        return ""
    if not flaws:
        # It may be that an earlier one was answered: nothing is said of that.
        return "this 401 has no Digest challenge to answer"
    return f"the digest credentials were not sent: {' and '.join(dict.fromkeys(flaws))}"


def _asked(header: str) -> Iterator[str]:
    """Every Digest challenge that can be answered, spelled as requests reads it: `qop` as one word."""
    for asked in _challenges(header):
        if _flaw(asked):
            continue
        if asked.pop("qop", ""):
            asked["qop"] = "auth"
        known = [name for name in ("realm", "nonce", "opaque", "algorithm", "qop") if name in asked]
        yield "Digest " + ", ".join(f'{name}="{_escaped(asked[name])}"' for name in known)


def _challenges(header: str) -> Iterator[dict[str, str]]:
    """The parameters of every Digest challenge in a WWW-Authenticate header."""
    from requests.utils import parse_dict_header

    for text in _CHALLENGE.split(header)[1:]:
        parameters: dict[str, str | None] = parse_dict_header(text)  # type: ignore[no-untyped-call]
        yield {name.lower(): value for name, value in parameters.items() if value is not None}


def _flaw(asked: Mapping[str, str]) -> str:
    """Why a challenge cannot be answered, "" where it can."""
    if not {"realm", "nonce"} <= asked.keys():
        return "its challenge lacks `realm` or `nonce`"
    if (algorithm := asked.get("algorithm", "MD5")).upper() not in SUPPORTED:
        return f"`algorithm` is `{algorithm}`, and only {', '.join(SUPPORTED)} are known here"
    qop = asked.get("qop", "")
    return "" if not qop or "auth" in re.split(r"[\s,]+", qop) else f"`qop` is `{qop}`, and only `auth` is known here"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"")
