"""The certificate that a target showed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography import x509

from cases.engine.filters.dates import iso
from cases.engine.patterns import Nothing

FIELDS = ("subject", "issuer", "names", "serial_number", "starts_at", "expires_at", "days_left")


def read_certificate(pem: str, path: str) -> Any:
    """One field, or an object of all; Nothing where no certificate was shown."""
    name = path.strip()
    if not pem:
        return Nothing("the answer came without a certificate: it was not asked by https")
    if name and name not in FIELDS:
        return Nothing(f"a certificate has no {name}; known are {', '.join(FIELDS)}")
    found = dict(_fields(pem))
    left = datetime.fromisoformat(found["expires_at"]) - datetime.now(UTC)
    found["days_left"] = left // timedelta(days=1)
    return found[name] if name else found


@lru_cache(maxsize=256)
def _fields(pem: str) -> dict[str, Any]:
    certificate = x509.load_pem_x509_certificate(pem.encode())
    try:
        extension = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value
        names = [str(name.value) for name in extension]
    except (x509.ExtensionNotFound, ValueError):
        names = []
    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "names": names,
        "serial_number": f"{certificate.serial_number:x}",
        "starts_at": iso(certificate.not_valid_before_utc),
        "expires_at": iso(certificate.not_valid_after_utc),
    }
