"""TLS around a connected socket, and why a handshake failed, told with the facts of the certificate."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from functools import lru_cache
from threading import Lock

from actionkit.web.certificate import facts, issued_by, issued_for
from actionkit.web.deadline import Deadline
from actionkit.web.failure import Failure, span
from actionkit.web.model import Cause, Certificate, Phase, Tls
from actionkit.web.symptoms import PLAIN_HTTP, tls_alert

# OpenSSL's verification results (openssl-verification-options(1), x509_vfy.h).
_NOT_YET_VALID, _EXPIRED, _SELF_SIGNED, _WRONG_NAMES = 9, 10, 18, (62, 64)

_LOADING = Lock()


def context(
    ca_bundle: str, insecure: bool, alpn: tuple[str, ...] = ("http/1.1",), *, any_host: bool = False
) -> ssl.SSLContext:
    """The context for these settings; made once, for reading the authorities takes longer than a handshake.

    `alpn` are the protocols offered; none for a server that would turn HTTP away (PostgreSQL 17 does). `any_host`: the
    certificate must be trusted, and may be another host's.
    Raises Failure (BAD_REQUEST) for a bundle that cannot be read.
    """
    with _LOADING:
        return _context(ca_bundle, insecure, alpn, any_host)


@lru_cache(maxsize=16)
def _context(ca_bundle: str, insecure: bool, alpn: tuple[str, ...], any_host: bool) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = not any_host
    if alpn:
        made.set_alpn_protocols(list(alpn))
        # In HTTPS a common name is no host name any more (RFC 9110, 4.3.4): every browser turns such a site away.
        made.hostname_checks_common_name = False
    if insecure:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
        return made
    try:
        _load(made, ca_bundle)
    except (OSError, ValueError):
        raise Failure(
            Phase.TLS, Cause.BAD_REQUEST, "the CA bundle cannot be read: it must be a file of PEM certificates"
        ) from None
    return made


def _load(made: ssl.SSLContext, ca_bundle: str) -> None:
    from pathlib import Path

    import certifi

    place = Path(ca_bundle or certifi.where())
    if place.is_dir():
        made.load_verify_locations(capath=str(place))
    else:
        made.load_verify_locations(cafile=str(place))
    if ca_bundle:  # what is named is trusted, be it no root: an intermediate authority, or the server's own certificate
        made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN


def handshake(sock: socket.socket, host: str, settings: ssl.SSLContext, deadline: Deadline) -> ssl.SSLSocket:
    """TLS with `host` around `sock`, which it takes over. Raises OSError (ssl.SSLError, TimeoutError among them)."""
    secured = settings.wrap_socket(
        sock,
        server_hostname=host.partition("%")[0].rstrip("."),
        do_handshake_on_connect=False,
        suppress_ragged_eofs=False,
    )
    try:
        secured.settimeout(deadline.left())
        secured.do_handshake()
    except BaseException:
        secured.close()
        raise
    return secured


def described(secured: ssl.SSLSocket, verified: bool) -> Tls:
    """What was agreed on. Raises Failure for a certificate that nobody can read."""
    cipher = secured.cipher()
    try:
        certificate = facts(secured.getpeercert(binary_form=True) or b"")
    except ValueError:
        raise Failure(Phase.TLS, Cause.TLS_FAILED, "shows a certificate that cannot be read") from None
    return Tls(secured.version() or "", cipher[0] if cipher else "", certificate, verified)


def told(
    error: OSError, host: str, deadline: Deadline, look: Callable[[], Certificate | None], instead: str = PLAIN_HTTP
) -> Failure:
    """The failure that an error in the handshake stands for. `look` fetches the certificate if it can, `instead` is
    what a peer that speaks no TLS is likely to be, and the fix."""
    match error:
        case TimeoutError():
            detail = f"accepts connections but did not finish the TLS handshake within {span(deadline.seconds)}"
            return Failure(Phase.TLS, Cause.TLS_TIMEOUT, detail)
        case ssl.SSLCertVerificationError():
            return _distrusted(error, host, look())
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return Failure(Phase.TLS, Cause.CLOSED, "closed the connection during the TLS handshake")
        case ssl.SSLError():
            return Failure(Phase.TLS, Cause.TLS_FAILED, tls_alert(error, instead))
        case _:
            return Failure(Phase.TLS, Cause.RESET, "reset the connection during the TLS handshake")


def _distrusted(error: ssl.SSLCertVerificationError, host: str, found: Certificate | None) -> Failure:
    code = error.verify_code
    issuer = f" (issued by {issued_by(found)})" if found else ""
    if code == _EXPIRED:
        when = f" on {found.expires:%Y-%m-%d %H:%M} UTC" if found else ""
        return Failure(Phase.TLS, Cause.EXPIRED, f"shows a certificate that expired{when}{issuer}")
    if code == _NOT_YET_VALID:
        when = f" before {found.starts:%Y-%m-%d %H:%M} UTC" if found else " yet"
        return Failure(Phase.TLS, Cause.EXPIRED, f"shows a certificate that is not valid{when}{issuer}")
    if code in _WRONG_NAMES:
        names = f" for {issued_for(found)}" if found else ""
        return Failure(Phase.TLS, Cause.WRONG_HOST, f"shows a certificate{names}, not for {host}{issuer}")
    if code == _SELF_SIGNED:
        names = f" for {issued_for(found)}" if found else ""
        return Failure(
            Phase.TLS, Cause.UNTRUSTED, f"shows a self-signed certificate{names}, which no authority vouches for"
        )
    reason = error.verify_message or "unknown reason"
    return Failure(Phase.TLS, Cause.UNTRUSTED, f"shows a certificate that cannot be trusted: {reason}{issuer}")
