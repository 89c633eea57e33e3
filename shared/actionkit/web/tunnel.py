"""A way through an HTTP proxy: CONNECT (RFC 9110, 9.3.6)."""

from __future__ import annotations

import http.client
import socket

from actionkit.web.deadline import Deadline
from actionkit.web.failure import Failure, span
from actionkit.web.line import Line
from actionkit.web.model import Cause, Phase
from actionkit.web.url import Url


def tunnel(sock: socket.socket, url: Url, through: Url, deadline: Deadline) -> None:
    """Have the proxy at the other end of `sock` connect to `url`'s server. Raises Failure (PROXY)."""
    line = Line(sock, "", deadline)
    place = f"{url.bracketed}:{url.port}"
    try:
        status = _asked(line, place, through.authorization)
    except TimeoutError:
        raise _failure(f"the proxy did not connect to {place} within {span(deadline.seconds)}") from None
    except ConnectionError:
        raise _failure(f"the proxy closed the connection when asked to connect to {place}") from None
    except Exception as error:  # whatever http.client makes of garbage
        raise _failure(f"the proxy answers in something other than HTTP ({type(error).__name__})") from None
    if status == 407:
        raise not_let_through(through)
    if not 200 <= status < 300:
        raise _failure(f"the proxy does not connect to {place}: it answers {status}", status)
    if line.unread():
        raise _failure("the proxy sends data of its own through the tunnel")


def _asked(line: Line, place: str, authorization: str) -> int:
    connection = http.client.HTTPConnection("unused")
    connection.sock = line
    connection.putrequest("CONNECT", place, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", place)
    if authorization:
        connection.putheader("Proxy-Authorization", authorization)
    connection.endheaders()
    with http.client.HTTPResponse(line, method="CONNECT") as response:  # type: ignore[arg-type]
        response.begin()
        return response.status


def not_let_through(through: Url) -> Failure:
    """The proxy answers 407, which is never the server's answer."""
    wanted = "refuses the user name and password" if through.authorization else "wants a user name and password"
    return _failure(f"the proxy {wanted} (407)", 407)


def _failure(detail: str, status: int | None = None) -> Failure:
    return Failure(Phase.PROXY, Cause.PROXY, detail, status=status)
