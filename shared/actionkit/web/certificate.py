"""The facts of a server's certificate, read from its DER, so that they are known of an unverified one too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from actionkit.untrusted import one_line, shortened
from actionkit.web.model import Certificate

# How RFC 4514 and openssl abbreviate what stands in a name.
_SHORT = {
    "common_name": "CN",
    "country_name": "C",
    "locality_name": "L",
    "state_or_province_name": "ST",
    "organization_name": "O",
    "organizational_unit_name": "OU",
    "street_address": "STREET",
    "domain_component": "DC",
    "email_address": "emailAddress",
    "serial_number": "serialNumber",
}


@lru_cache(maxsize=64)
def facts(der: bytes) -> Certificate:
    """Raises ValueError for what is no certificate."""
    from asn1crypto import x509

    try:
        parsed = x509.Certificate.load(der, strict=True)
        validity = parsed["tbs_certificate"]["validity"]
        return Certificate(
            subject=_name(parsed.subject),
            issuer=_name(parsed.issuer),
            starts=_utc(validity["not_before"].native),
            expires=_utc(validity["not_after"].native),
            serial=f"{parsed.serial_number:x}",
            names=tuple(_alternative_names(parsed.subject_alt_name_value)),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError("no readable certificate") from error


def issued_by(certificate: Certificate) -> str:
    """Who issued it, in a few words: the issuer's own name, else all that is known."""
    parts = dict(part.partition("=")[::2] for part in certificate.issuer.split(", "))
    return shortened(one_line(parts.get("CN") or parts.get("O") or certificate.issuer or "nobody"), 80)


def issued_for(certificate: Certificate) -> str:
    """Its names in a few words: at most five of them."""
    names = [shortened(one_line(name), 60) for name in certificate.names]
    if not names:
        return "no host name (it has no subjectAltName)"
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _name(name: Any) -> str:
    """`CN=shop.example.com, O=Shop`: the parts in the order of the certificate."""
    return ", ".join(
        f"{_SHORT.get(part['type'].native, part['type'].native)}={_text(part['value'])}"
        for group in name.chosen
        for part in group
    )


def _text(value: Any) -> str:
    """A text of a name; one that is not encoded as it claims is no reason to know nothing."""
    try:
        return str(value.native)
    except ValueError:
        return bytes(value.contents).decode("latin-1")


def _alternative_names(names: Any) -> Iterable[str]:
    """DNS names as they stand there (asn1crypto would undo their IDNA), and addresses."""
    for name in names or ():
        if name.name == "dns_name":
            yield bytes(name.chosen.contents).decode("latin-1")
        elif name.name == "ip_address":
            yield str(name.native)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
