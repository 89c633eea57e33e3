"""A certificate authority of one's own, and server certificates with every flaw."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAMES = ("shop.test", "www.shop.test", "localhost", *(f"127.0.0.{last}" for last in range(1, 17)))
"""What the sample service is reached under."""


class Authority:
    """Issues what the servers present. `ca_pem` is the file a client is to trust, `ca.pem` in the folder.

    Certificates are valid for 90 days from yesterday, as those of public authorities are.
    """

    def __init__(self, folder: Path, names: Sequence[str] = ()) -> None:
        self._ca = trustme.CA()
        self._names = (*NAMES, *names)
        self._contexts: dict[tuple[str, int], ssl.SSLContext] = {}
        self._lock = Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self.ca_pem = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(self.ca_pem)

    def context(self, flaw: str = "", days: int = 90) -> ssl.SSLContext:
        """A server's context: without flaw, or "wrong-host", "expired", "expiring" (in `days`), "self-signed" or
        "untrusted" (of an authority that nobody knows)."""
        with self._lock:
            if (flaw, days) not in self._contexts:
                self._contexts[flaw, days] = self._made(flaw, days)
            return self._contexts[flaw, days]

    def _made(self, flaw: str, days: int) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        now = datetime.now(UTC)
        if flaw == "self-signed":
            _load(context, self_signed(self._names, now))
            return context
        issuer = trustme.CA() if flaw == "untrusted" else self._ca
        names = ("elsewhere.test",) if flaw == "wrong-host" else self._names
        lasts = {"expired": timedelta(days=-1), "expiring": timedelta(days=days)}.get(flaw, timedelta(days=90))
        starts = now - (timedelta(days=91) if flaw == "expired" else timedelta(days=1))
        issuer.issue_cert(*names, not_before=starts, not_after=now + lasts).configure_cert(context)
        return context


def self_signed(names: Sequence[str], now: datetime) -> bytes:
    """A key and a certificate that nobody but itself vouches for, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([_general(one) for one in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + made.public_bytes(serialization.Encoding.PEM)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _load(context: ssl.SSLContext, pem: bytes) -> None:
    """`load_cert_chain` takes only files."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_bytes(pem)
        context.load_cert_chain(path)
