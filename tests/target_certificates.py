"""An authority of our own and a certificate of it, made for one test server."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificates:
    authority: str
    certificate: str
    key: str
    client_certificate: str  # for who asks, of the same authority
    client_key: str

    @classmethod
    def make(cls, host: str, *, expired: bool = False) -> Self:
        authority_key = ec.generate_private_key(ec.SECP256R1())
        authority = _sign("testhub test authority", authority_key, None, authority_key)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _sign(host, key, authority, authority_key, expired=expired)
        client_key = ec.generate_private_key(ec.SECP256R1())
        return cls(
            authority=_pem(authority),
            certificate=_pem(certificate),
            key=_key_pem(key),
            client_certificate=_pem(_sign(host, client_key, authority, authority_key)),
            client_key=_key_pem(client_key),
        )

    def server_context(self, *, asks_client: bool = False) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if asks_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=self.authority)
        with tempfile.TemporaryDirectory() as folder:  # ssl reads only from files
            path = Path(folder, "server.pem")
            path.write_text(self.certificate + self.key)
            context.load_cert_chain(path)
        return context


def _sign(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    expired: bool = False,
) -> x509.Certificate:
    """A certificate for `name`; an authority if nobody else signs it."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=-1 if expired else 1))
        .add_extension(x509.BasicConstraints(issuer is None, None), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if issuer is not None:
        address = x509.IPAddress(ipaddress.ip_address(name))
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
