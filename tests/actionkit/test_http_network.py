"""Proxies and certificate authorities as self-hosted runners set them."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from actionkit.errors import UsageError
from actionkit.http import BadRedirect, Http, Network, Untrusted


@pytest.mark.parametrize(
    ("no_proxy", "url", "direct"),
    [
        ("", "https://api.github.com/x", False),
        ("*", "https://api.github.com/x", True),
        ("github.com", "https://api.github.com/x", True),
        (".github.com", "https://api.github.com/x", True),
        ("*.github.com", "https://api.github.com/x", True),
        ("hub.com", "https://api.github.com/x", False),
        ("a.test, API.GITHUB.COM ,", "https://api.github.com/x", True),
        ("10.0.0.0/8", "https://10.1.2.3/x", True),
        ("10.0.0.0/8", "https://11.1.2.3/x", False),
        ("10.1.2.3", "https://10.1.2.3/x", True),
        ("fd00::/8", "https://[fd00::1]:8080/x", True),
        ("ghes.corp:8443", "https://ghes.corp:8443/x", True),
        ("ghes.corp:8443", "https://ghes.corp:9443/x", False),
        ("ghes.corp:8443", "https://ghes.corp/x", False),
    ],
)
def test_no_proxy_is_read_as_curl_and_go_read_it(no_proxy: str, url: str, direct: bool) -> None:
    network = Network.from_environment({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": no_proxy})
    assert network.proxies_for(url) == ({} if direct else {"https": "http://proxy:3128"})


def test_each_scheme_has_its_proxy_and_lower_case_comes_first() -> None:
    network = Network.from_environment({"http_proxy": "one:1", "HTTP_PROXY": "http://two:2", "https_proxy": ""})
    assert network.proxies_for("http://a/") == {"http": "http://one:1"}
    assert network.proxies_for("https://a/") == {}


def test_direct_uses_no_proxy() -> None:
    assert Network.direct().proxies_for("https://a/") == {}


@pytest.mark.parametrize("proxy", ["socks5://user:hunter2@a:1", "http://user:hunter2@", "http://a:hunter2"])
def test_a_proxy_that_is_no_url_is_refused_without_showing_it(proxy: str) -> None:
    with pytest.raises(UsageError) as caught:
        Network.from_environment({"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy})
    assert [c.message for c in caught.value.complaints] == [
        "HTTPS_PROXY is not the URL of an HTTP proxy",
        "HTTP_PROXY is not the URL of an HTTP proxy",
    ]
    assert "hunter2" not in repr(caught.value.complaints)


def test_a_ca_bundle_that_is_not_there_is_named_with_its_variable(tmp_path: Path) -> None:
    missing = str(tmp_path / "corp.pem")
    with pytest.raises(UsageError) as caught:
        Network.from_environment({"SSL_CERT_FILE": missing})
    assert caught.value.complaints[0].message.startswith(f"SSL_CERT_FILE names {missing}, which does not exist")


def test_requests_ca_bundle_wins_over_ssl_cert_file(tmp_path: Path) -> None:
    bundle = tmp_path / "one.pem"
    bundle.touch()
    network = Network.from_environment({"REQUESTS_CA_BUNDLE": str(bundle), "SSL_CERT_FILE": "/nowhere"})
    assert network.ca_bundle == str(bundle)


def test_a_proxy_password_is_not_in_the_repr() -> None:
    assert "hunter2" not in repr(Network(https_proxy="http://u:hunter2@p:1"))


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A TLS server on loopback with its own authority: (URL, CA file)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(True, False, False, False, False, True, True, False, False),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    ca_file, key_file = tmp_path / "ca.pem", tmp_path / "key.pem"
    ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:9/plain?sig=secret")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca_file, key_file)
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}", ca_file
        server.shutdown()
        thread.join()


def test_an_unknown_authority_is_refused_with_the_way_out_and_accepted_once_given(tls: tuple[str, Path]) -> None:
    url, ca_file = tls
    with (
        Http() as http,
        pytest.raises(Untrusted, match=r"certificate is not trusted: self.signed.*SSL_CERT_FILE") as no,
    ):
        http.request("GET", url)
    assert not no.value.sent
    with Http(Network.from_environment({"SSL_CERT_FILE": str(ca_file)})) as http:
        assert http.request("GET", url).status == 302


def test_a_redirect_from_https_to_plain_http_is_refused(tls: tuple[str, Path]) -> None:
    url, ca_file = tls
    with Http(Network(ca_bundle=str(ca_file))) as http, pytest.raises(BadRedirect, match="plain http") as caught:
        http.request("GET", url, follow=3)
    assert "secret" not in str(caught.value)
