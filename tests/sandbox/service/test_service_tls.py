"""Certificates with every flaw, as a verifying client meets them."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime

import pytest
import requests
from tests.sandbox.service.raw import get, hear

from sandbox.service import Authority, Service


def shaken(service: Service, client: ssl.SSLContext) -> ssl.SSLSocket:
    """A connection to the first replica after the handshake; the caller closes it."""
    replica = service.replicas[0]
    return client.wrap_socket(
        socket.create_connection((replica.address, replica.port), timeout=5), server_hostname="shop.test"
    )


def days_left(service: Service, client: ssl.SSLContext) -> float:
    with shaken(service, client) as connected:
        certificate = connected.getpeercert()
    assert certificate is not None
    return (ssl.cert_time_to_seconds(str(certificate["notAfter"])) - datetime.now(UTC).timestamp()) / 86_400


def test_whoever_trusts_the_authority_is_served_by_name_and_by_address(secure: Service, authority: Authority) -> None:
    trust = str(authority.ca_pem)
    assert secure.url.startswith("https://")
    for url in (secure.url, secure.replicas[0].url):
        assert requests.get(f"{url}/health", verify=trust, timeout=5).json()["status"] == "ok"


def test_nobody_else_is(secure: Service) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(secure, ssl.create_default_context())


@pytest.mark.parametrize(
    ("flaw", "said"),
    [
        ("wrong-host", "Hostname mismatch"),
        ("expired", "certificate has expired"),
        ("self-signed", "self-signed certificate|self signed certificate"),
        ("untrusted", "unable to get local issuer"),
    ],
)
def test_a_flaw_is_found_by_a_client_that_verifies(
    secure: Service, trusting: ssl.SSLContext, flaw: str, said: str
) -> None:
    secure.fault(flaw)
    with pytest.raises(ssl.SSLCertVerificationError, match=said):
        shaken(secure, trusting)
    secure.mend()
    shaken(secure, trusting).close()


def test_a_certificate_can_be_about_to_expire(secure: Service, trusting: ssl.SSLContext) -> None:
    assert 89 < days_left(secure, trusting) < 90.1
    secure.fault("expiring", days=5)
    assert 4.9 < days_left(secure, trusting) < 5.1


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("plain", ssl.SSLError, "(?i)wrong.version.number|record.layer.failure"),
        ("banner", ssl.SSLError, "(?i)wrong.version.number|record.layer.failure"),
        ("tls", ssl.SSLError, "(?i)alert.protocol.version"),
        ("reset", ConnectionResetError, "reset by peer"),
        ("hang", TimeoutError, "timed out"),
    ],
)
def test_the_handshake_fails(
    secure: Service, trusting: ssl.SSLContext, kind: str, error: type[Exception], said: str
) -> None:
    secure.fault(kind)
    replica = secure.replicas[0]
    with (
        socket.create_connection((replica.address, replica.port), timeout=0.2 if kind == "hang" else 5) as connected,
        pytest.raises(error, match=said),
    ):
        trusting.wrap_socket(connected, server_hostname="shop.test")


def test_plain_http_is_really_spoken_on_the_tls_port(secure: Service) -> None:
    secure.fault("plain")
    replica = secure.replicas[0]
    assert hear((replica.address, replica.port), get()).status == 200


@pytest.mark.parametrize("kind", ["truncated", "close", "status", "trickle-body", "hang"])
def test_faults_of_the_answer_strike_inside_tls(secure: Service, trusting: ssl.SSLContext, kind: str) -> None:
    secure.fault(kind, path="/health", ms=1)
    replica = secure.replicas[0]
    found = hear((replica.address, replica.port), get(), patience=0.3 if kind == "hang" else 5, tls=trusting)
    ends = {"hang": ("silence", 0), "close": ("fin", 0), "truncated": ("fin", 44), "trickle-body": ("fin", 89)}
    if kind == "status":
        assert found.status == 503
    else:
        assert (found.end, len(found.body)) == ends[kind]


def test_the_authority_keeps_its_file_where_it_was_told(authority: Authority) -> None:
    assert authority.ca_pem.name == "ca.pem"
    assert "BEGIN CERTIFICATE" in authority.ca_pem.read_text(encoding="utf-8")
