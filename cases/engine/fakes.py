"""Made-up people, places and companies: {{$fake('name')}}, {{$fake('phone', 'zh_CN')}}.

The data are Faker's. Only what is in the table can be asked for: some of its methods make
files of any size. It is imported by the first case that asks.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cases.engine.filters.arguments import words

if TYPE_CHECKING:
    from faker import Faker

# What testers ask for -> the method of Faker that makes it.
KINDS = {
    "name": "name",
    "first_name": "first_name",
    "last_name": "last_name",
    "username": "user_name",
    "password": "password",
    "email": "email",  # at example.org and its like: nobody's mailbox
    "phone": "phone_number",
    "birthday": "date_of_birth",
    "national_id": "ssn",
    "job": "job",
    "company": "company",
    "address": "address",
    "street": "street_address",
    "city": "city",
    "region": "administrative_unit",
    "postcode": "postcode",
    "country": "country",
    "country_code": "country_code",
    "latitude": "latitude",
    "longitude": "longitude",
    "word": "word",
    "sentence": "sentence",
    "paragraph": "paragraph",
    "slug": "slug",
    "url": "url",
    "domain": "domain_name",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "mac_address": "mac_address",
    "user_agent": "user_agent",
    "file_name": "file_name",
    "color": "hex_color",
    "currency": "currency_code",
    "credit_card": "credit_card_number",
    "iban": "iban",
    "ean13": "ean13",
    "license_plate": "license_plate",
}


def fake(kind: Any = "name", locale: Any = "en_US") -> Any:
    """Something made up that looks real: $fake('email'), $fake('name', 'zh_CN')."""
    wanted, language = words(kind, "What fake makes"), words(locale, "The locale of fake")
    if wanted not in KINDS:
        raise ValueError(f"it makes {', '.join(KINDS)}, not {wanted!r}")
    make = getattr(_faker(language), KINDS[wanted], None)
    if make is None:
        raise ValueError(f"the data of {language} have no {wanted}")
    value = make()
    return float(value) if isinstance(value, Decimal) else str(value)


@lru_cache(maxsize=8)  # some MB each
def _faker(locale: str) -> Faker:
    from faker import Faker
    from faker.config import AVAILABLE_LOCALES

    if locale not in AVAILABLE_LOCALES:
        raise ValueError(f"there are no data for {locale!r}; write it like en_US or zh_CN")
    return Faker(locale)
