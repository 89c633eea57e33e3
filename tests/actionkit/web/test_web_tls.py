"""TLS: facts of the certificate, and every reason not to trust it."""

from __future__ import annotations

import re
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.actionkit.web.rawserver import Behaviour, Peer, RawServer, answer, answers, keeps_answering

from actionkit.web.certificate import facts, issued_by, issued_for
from actionkit.web.client import Client
from actionkit.web.model import Answer, Cause, Certificate, Limits, Phase, Request, Trouble
from actionkit.web.way import Way

NOW = datetime.now(UTC)
LIMITS = Limits(connect_seconds=3, total_seconds=3)


@dataclass(frozen=True)
class Authority:
    ca: trustme.CA
    bundle: str

    def server(self, *names: str, starts: datetime | None = None, expires: datetime | None = None) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*names, common_name="leaf", not_before=starts, not_after=expires).configure_cert(made)
        return made


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    ca = trustme.CA(organization_name="Test Authority")
    bundle = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(bundle)
    return Authority(ca, str(bundle))


def get(server: RawServer, way: Way, host: str = "localhost") -> Answer:
    with Client(way) as client:
        return client.send(Request("GET", f"https://{host}:{server.port}/x"), LIMITS)


def trouble_with(server: RawServer, way: Way, host: str = "localhost") -> Trouble:
    with pytest.raises(Trouble) as caught:
        get(server, way, host)
    return caught.value


def test_a_verified_answer_carries_the_facts_of_the_certificate(authority: Authority) -> None:
    expires = (NOW + timedelta(days=30)).replace(microsecond=0)
    with RawServer(
        answers(answer(b"safe")), tls=authority.server("localhost", "127.0.0.1", "::1", expires=expires)
    ) as server:
        got = get(server, Way(ca_bundle=authority.bundle))
    assert got.body == b"safe"
    assert got.timings.tls > 0
    assert got.tls is not None
    assert (got.tls.version, got.tls.verified) == ("TLSv1.3", True)
    assert got.tls.cipher.startswith("TLS_")
    certificate = got.tls.certificate
    assert certificate.names == ("localhost", "127.0.0.1", "::1")
    assert certificate.expires == expires
    assert certificate.starts < NOW
    assert certificate.issuer.startswith("O=Test Authority")
    assert "CN=leaf" in certificate.subject
    assert re.fullmatch("[0-9a-f]+", certificate.serial)


def test_an_address_is_verified_too(authority: Authority) -> None:
    with RawServer(answers(answer()), tls=authority.server("127.0.0.1")) as server:
        assert get(server, Way(ca_bundle=authority.bundle), "127.0.0.1").status == 200
        assert trouble_with(server, Way(ca_bundle=authority.bundle)).cause is Cause.WRONG_HOST


def test_a_folder_of_authorities_will_do(authority: Authority, tmp_path: Path) -> None:
    with RawServer(answers(answer()), tls=authority.server("localhost")) as server:
        assert trouble_with(server, Way(ca_bundle=str(tmp_path))).cause is Cause.UNTRUSTED


def test_an_intermediate_authority_or_the_certificate_itself_may_be_named(authority: Authority, tmp_path: Path) -> None:
    intermediate = authority.ca.create_child_ca()
    leaf = intermediate.issue_cert("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    with RawServer(answers(answer()), tls=context) as server:
        for what, named in (("authority", intermediate.cert_pem), ("leaf", leaf.cert_chain_pems[0])):
            place = tmp_path / f"{what}.pem"
            named.write_to_path(place)
            assert get(server, Way(ca_bundle=str(place))).status == 200
            assert trouble_with(server, Way(ca_bundle=str(place)), "127.0.0.1").cause is Cause.WRONG_HOST


def test_an_expired_certificate_says_when_and_whose(authority: Authority) -> None:
    past = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
    context = authority.server("localhost", starts=past - timedelta(days=1), expires=past)
    with RawServer(answers(answer()), tls=context) as server:
        trouble = trouble_with(server, Way(ca_bundle=authority.bundle))
        insecure = get(server, Way(insecure=True))
    assert (trouble.cause, trouble.phase) == (Cause.EXPIRED, Phase.TLS)
    assert trouble.detail == "shows a certificate that expired on 2024-05-06 07:08 UTC (issued by Test Authority)"
    assert insecure.tls is not None
    assert not insecure.tls.verified
    assert insecure.tls.certificate.expires == past


def test_a_certificate_from_the_future(authority: Authority) -> None:
    context = authority.server("localhost", starts=NOW + timedelta(days=1), expires=NOW + timedelta(days=9))
    with RawServer(answers(answer()), tls=context) as server:
        trouble = trouble_with(server, Way(ca_bundle=authority.bundle))
    assert trouble.cause is Cause.EXPIRED
    assert f"is not valid before {NOW + timedelta(days=1):%Y-%m-%d}" in trouble.detail


def test_a_certificate_for_another_host_says_for_which(authority: Authority) -> None:
    names = [f"{letter}.example" for letter in "abcdefg"]
    with RawServer(answers(answer()), tls=authority.server(*names)) as server:
        trouble = trouble_with(server, Way(ca_bundle=authority.bundle))
    assert (trouble.cause, trouble.phase) == (Cause.WRONG_HOST, Phase.TLS)
    assert trouble.detail == (
        "shows a certificate for a.example, b.example, c.example, d.example, e.example and 2 more, not for localhost"
        " (issued by Test Authority)"
    )


def test_a_common_name_is_no_host_name(authority: Authority) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.ca.issue_cert(common_name="localhost").configure_cert(context)
    with RawServer(answers(answer()), tls=context) as server:
        trouble = trouble_with(server, Way(ca_bundle=authority.bundle))
    assert trouble.cause is Cause.WRONG_HOST
    assert "for no host name (it has no subjectAltName), not for localhost" in trouble.detail


def test_a_certificate_of_an_unknown_authority_says_whose(authority: Authority) -> None:
    with RawServer(answers(answer()), tls=authority.server("localhost")) as server:
        trouble = trouble_with(server, Way())
    assert (trouble.cause, trouble.phase) == (Cause.UNTRUSTED, Phase.TLS)
    assert "cannot be trusted: unable to get local issuer certificate (issued by Test Authority)" in trouble.detail


def test_a_self_signed_certificate(authority: Authority, tmp_path: Path) -> None:
    pem = tmp_path / "own.pem"
    pem.write_bytes(authority.ca.private_key_pem.bytes() + authority.ca.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with RawServer(answers(answer()), tls=context) as server:
        trouble = trouble_with(server, Way())
    assert trouble.cause is Cause.UNTRUSTED
    assert "self-signed certificate for no host name" in trouble.detail


def test_without_a_second_look_the_reason_is_told_alone(authority: Authority) -> None:
    past = NOW - timedelta(days=2)
    contexts = [
        authority.server("localhost", starts=past, expires=past + timedelta(days=1)),
        authority.server("localhost", starts=NOW + timedelta(days=1), expires=NOW + timedelta(days=2)),
        authority.server("other.example"),
    ]
    for context, cause, detail in zip(
        contexts,
        (Cause.EXPIRED, Cause.EXPIRED, Cause.WRONG_HOST),
        ("that expired", "that is not valid yet", ", not for localhost"),
        strict=True,
    ):
        with RawServer(shows(context), close_at_once) as server:
            trouble = trouble_with(server, Way(ca_bundle=authority.bundle))
        assert trouble.cause is cause
        assert trouble.detail in (f"shows a certificate {detail}", f"shows a certificate{detail}")
        assert server.connections == 2


def shows(context: ssl.SSLContext) -> Behaviour:
    """A server that speaks TLS on this one connection."""

    def behave(peer: Peer) -> None:
        with suppress(OSError), context.wrap_socket(peer.sock, server_side=True) as secured:
            secured.recv(1)

    return behave


def made(*names: x509.GeneralName) -> tuple[bytes, bytes]:
    """A self-signed certificate in DER, and its key in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Odd")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 77, NOW, datetime(2031, 1, 2, tzinfo=UTC))
    certificate = builder.add_extension(x509.SubjectAlternativeName(names), critical=False).sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return (
        certificate.public_bytes(serialization.Encoding.DER),
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain),
    )


def test_names_are_told_as_they_stand_there() -> None:
    names = [x509.DNSName("xn--bcher-kva.example"), x509.RFC822Name("a@b.example"), x509.DNSName("*._x.example")]
    found = facts(made(*names)[0])
    assert found.names == ("xn--bcher-kva.example", "*._x.example")
    assert (found.subject, found.serial) == ("O=Odd", "4d")


def test_a_text_that_is_not_encoded_as_it_claims_is_read_all_the_same() -> None:
    der = made()[0].replace(b"\x0c\x03Odd", b"\x0c\x03\xff\xfed")
    assert facts(der).issuer == "O=\xff\xfed"


def test_a_certificate_that_nobody_can_read_ends_the_exchange(tmp_path: Path) -> None:
    der, key = made()
    assert b"310102000000Z" in der
    odd = tmp_path / "odd.pem"
    odd.write_bytes(ssl.DER_cert_to_PEM_cert(der.replace(b"310102000000Z", b"319902000000Z")).encode() + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(odd)
    with RawServer(answers(answer()), tls=context) as server:
        trouble = trouble_with(server, Way(insecure=True))
    assert (trouble.cause, trouble.detail) == (Cause.TLS_FAILED, "shows a certificate that cannot be read")


def test_a_pinned_address_is_verified_by_the_name_in_the_url(authority: Authority) -> None:
    with RawServer(answers(answer()), tls=authority.server("shop.example")) as server:
        with Client(Way(ca_bundle=authority.bundle)) as client:
            url = f"https://shop.example:{server.port}/"
            assert client.send(Request("GET", url), LIMITS, pin="127.0.0.1").status == 200
        assert trouble_with(server, Way(ca_bundle=authority.bundle)).cause is Cause.WRONG_HOST


@pytest.mark.parametrize("broken", ["missing.pem", "empty.pem"])
def test_a_ca_bundle_that_cannot_be_read(broken: str, tmp_path: Path, authority: Authority) -> None:
    (tmp_path / "empty.pem").write_text("no certificate")
    with RawServer(answers(answer()), tls=authority.server("localhost")) as server:
        trouble = trouble_with(server, Way(ca_bundle=str(tmp_path / broken)))
    assert (trouble.cause, trouble.phase) == (Cause.BAD_REQUEST, Phase.TLS)
    assert "the CA bundle cannot be read" in trouble.detail


def hang(peer: Peer) -> None:
    peer.sock.recv(1)
    peer.hang()


def trickle(peer: Peer) -> None:
    peer.sock.recv(65536)
    peer.dribble(b"\x16\x03\x03\x3f\xff" + b"\x02\x00\x3f\xf0" + b"x" * 999, 0.02)


def alert(description: int) -> Behaviour:
    def behave(peer: Peer) -> None:
        peer.sock.recv(65536)
        peer.say(b"\x15\x03\x03\x00\x02\x02" + bytes([description]))
        time.sleep(0.05)

    return behave


def close_at_once(peer: Peer) -> None:
    peer.sock.recv(65536)


def reset_at_once(peer: Peer) -> None:
    peer.sock.recv(1)
    peer.reset()


def plain_http(peer: Peer) -> None:
    peer.sock.recv(65536)
    peer.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    time.sleep(0.05)


@pytest.mark.parametrize(
    ("behaviour", "cause", "words"),
    [
        (hang, Cause.TLS_TIMEOUT, "did not finish the TLS handshake within 0.3 s"),
        (trickle, Cause.TLS_TIMEOUT, "did not finish the TLS handshake within 0.3 s"),
        (close_at_once, Cause.CLOSED, "closed the connection during the TLS handshake"),
        (reset_at_once, Cause.RESET, "reset the connection during the TLS handshake"),
        (plain_http, Cause.TLS_FAILED, "something other than TLS (plain HTTP? then write http://)"),
        (alert(70), Cause.TLS_FAILED, "no version of TLS that is still safe"),
        (alert(112), Cause.TLS_FAILED, "knows no site of that name"),
        (alert(80), Cause.TLS_FAILED, "failed at TLS (tlsv1 alert internal error)"),
    ],
)
def test_every_failure_of_the_handshake_is_told(behaviour: Behaviour, cause: Cause, words: str) -> None:
    limits = Limits(connect_seconds=0.3) if cause is Cause.TLS_TIMEOUT else LIMITS
    with RawServer(behaviour) as server, Client() as client, pytest.raises(Trouble) as caught:
        client.send(Request("GET", f"https://127.0.0.1:{server.port}/"), limits)
    trouble = caught.value
    assert (trouble.cause, trouble.phase, trouble.address) == (cause, Phase.TLS, "127.0.0.1")
    assert words in trouble.detail
    assert trouble.seconds < limits.connect_seconds + 1


def test_old_tls_is_not_spoken(authority: Authority) -> None:
    context = authority.server("localhost")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with RawServer(answers(answer()), tls=context) as server:
        assert trouble_with(server, Way(ca_bundle=authority.bundle)).cause is Cause.TLS_FAILED


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_demands_a_client_certificate(authority: Authority, version: ssl.TLSVersion) -> None:
    context = authority.server("localhost")
    context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    authority.ca.configure_trust(context)
    with RawServer(answers(answer()), tls=context) as server:
        trouble = trouble_with(server, Way(ca_bundle=authority.bundle))
    assert trouble.cause is Cause.TLS_FAILED
    assert "demands a certificate of the client" in trouble.detail


def says_goodbye(peer: Peer) -> None:
    peer.hear()
    peer.say(b"HTTP/1.1 200 OK\r\n\r\nwhole")
    assert isinstance(peer.sock, ssl.SSLSocket)
    with suppress(OSError):
        peer.sock.unwrap()


def breaks_off(peer: Peer) -> None:
    peer.hear()
    peer.say(b"HTTP/1.1 200 OK\r\n\r\nhalf")
    peer.sock.shutdown(socket.SHUT_WR)
    peer.hang()


def test_without_a_length_only_tls_goodbye_tells_the_end(authority: Authority) -> None:
    context = authority.server("localhost")
    with RawServer(says_goodbye, breaks_off, tls=context) as server:
        assert get(server, Way(ca_bundle=authority.bundle)).body == b"whole"
        trouble = trouble_with(server, Way(ca_bundle=authority.bundle))
    assert (trouble.cause, trouble.received) == (Cause.TRUNCATED, 4)
    assert "broke the TLS connection off" in trouble.detail


def test_trickled_bytes_do_not_outlast_the_deadline_over_tls(authority: Authority) -> None:
    def dribbles(peer: Peer) -> None:
        peer.hear()
        peer.dribble(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 999, 0.02)

    with (
        RawServer(dribbles, tls=authority.server("localhost")) as server,
        Client(Way(ca_bundle=authority.bundle)) as client,
        pytest.raises(Trouble) as caught,
    ):
        client.send(Request("GET", f"https://localhost:{server.port}/"), Limits(total_seconds=0.4))
    assert caught.value.cause is Cause.SLOW
    assert caught.value.seconds < 0.5 + 1


def test_a_kept_connection_is_shaken_hands_on_once(authority: Authority) -> None:
    with (
        RawServer(keeps_answering(answer()), tls=authority.server("localhost")) as server,
        Client(Way(ca_bundle=authority.bundle), keep=True) as client,
    ):
        first, second = (client.send(Request("GET", f"https://localhost:{server.port}/"), LIMITS) for _ in range(2))
    assert server.connections == 1
    assert first.timings.tls > 0
    assert (second.timings.dns, second.timings.tcp, second.timings.tls) == (0.0, 0.0, 0.0)
    assert second.tls is first.tls


def test_what_is_no_certificate_is_refused() -> None:
    with pytest.raises(ValueError, match="no readable certificate"):
        facts(b"\x30\x03\x02\x01\x01")


def test_names_of_certificates_are_untrusted_text() -> None:
    found = Certificate("CN=x", "O=Évil\x1b[31m " + "x" * 500, NOW, NOW, "1", ("a\nb" + "c" * 500,))
    assert len(issued_by(found)) == 80
    assert "\x1b" not in issued_by(found)
    assert "\n" not in issued_for(found)
    assert len(issued_for(found)) == 60
