"""The table of auth schemes that forms and docs list: fields, defaults, what each does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cases.engine.auth import hmac_signature, signed_params, sigv4
from cases.engine.auth.handshake import Digest, Handshake, OAuth2
from cases.engine.auth.oauth2 import CLIENT_PLACES, GRANTS
from cases.engine.auth.plain import Credentials, with_api_key, with_basic, with_bearer
from cases.engine.messages import Request

Values = Mapping[str, str]
INHERIT = "inherit"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthField:
    name: str
    label: str
    default: str = ""
    choices: tuple[str, ...] = ()
    is_needed: bool = False
    is_secret: bool = False
    is_long: bool = False  # may have several lines


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthKind:
    """At most one of the three: what a request carries, how a finished one is signed, or
    what has to be asked besides."""

    label: str
    description: str
    fields: tuple[AuthField, ...] = ()
    credentials: Callable[[Values], Credentials] | None = None
    sign: Callable[[Request, Values], Request] | None = None
    handshake: type[Handshake] | None = None
    hides: str = ""  # a field that the record must not show, wherever it stands
    check: Callable[[Values], None] | None = None  # raises BadSpec


def _sigv4_now(request: Request, values: Values) -> Request:
    return sigv4.sign(request, values, datetime.now(UTC))


def _field(
    name: str,
    label: str,
    default: str = "",
    *,
    is_needed: bool = False,
    is_secret: bool = False,
    is_long: bool = False,
) -> AuthField:
    return AuthField(
        name=name,
        label=label,
        default=default,
        is_needed=is_needed,
        is_secret=is_secret,
        is_long=is_long,
    )


def _choice(name: str, label: str, choices: tuple[str, ...]) -> AuthField:
    return AuthField(name=name, label=label, default=choices[0], choices=choices)


_USER = (
    _field("username", "User name"),
    _field("password", "Password", is_secret=True),
)

AUTH_KINDS: dict[str, AuthKind] = {
    INHERIT: AuthKind(
        label="inherited",
        description="What the nearest module above says; nothing if none says anything.",
    ),
    "none": AuthKind(label="none", description="Nothing, whatever the modules above say."),
    "basic": AuthKind(
        label="Basic",
        description="User name and password in the header Authorization.",
        fields=_USER,
        credentials=with_basic,
    ),
    "bearer": AuthKind(
        label="Bearer",
        description="A token in the header Authorization.",
        fields=(_field("token", "Token", is_secret=True),),
        credentials=with_bearer,
    ),
    "api_key": AuthKind(
        label="API key",
        description="A header, a parameter of the query or a cookie of your own name.",
        fields=(
            _field("name", "Name", "X-API-Key", is_needed=True),
            _field("value", "Value", is_secret=True),
            _choice("place", "Where", ("header", "query", "cookie")),
        ),
        credentials=with_api_key,
        hides="value",
    ),
    "digest": AuthKind(
        label="Digest",
        description="User name and password, proven in answer to the target's challenge.",
        fields=_USER,
        handshake=Digest,
    ),
    "oauth2": AuthKind(
        label="OAuth 2.0",
        description="A bearer token from a token endpoint, fetched when it is needed.",
        fields=(
            _choice("grant", "Grant", GRANTS),
            _field("token_url", "Token URL", is_needed=True),
            _field("client_id", "Client ID", is_needed=True),
            _field("client_secret", "Client secret", is_secret=True),
            _choice("client_in", "Client is sent in", CLIENT_PLACES),
            *_USER,
            _field("scope", "Scope"),
            _field("audience", "Audience"),
        ),
        handshake=OAuth2,
    ),
    "aws_sigv4": AuthKind(
        label="AWS Signature 4",
        description="The signature of Amazon Web Services and of stores that speak S3.",
        fields=(
            _field("access_key", "Access key", is_needed=True),
            _field("secret_key", "Secret key", is_needed=True, is_secret=True),
            _field("session_token", "Session token", is_secret=True),
            _field("region", "Region", "us-east-1", is_needed=True),
            _field("service", "Service", "execute-api", is_needed=True),
        ),
        sign=_sigv4_now,
    ),
    "hmac": AuthKind(
        label="HMAC signature",
        description="A signature under a shared secret, by a rule that you write.",
        fields=(
            _field("key", "Key ID"),
            _field("secret", "Shared secret", is_needed=True, is_secret=True),
            _choice("algorithm", "Algorithm", hmac_signature.ALGORITHMS),
            _choice("encoding", "Written in", hmac_signature.ENCODINGS),
            _field("message", "What is signed", hmac_signature.MESSAGE, is_long=True),
            _field("headers", "Headers", hmac_signature.HEADERS, is_long=True),
        ),
        sign=hmac_signature.sign,
        check=hmac_signature.check,
    ),
    "signed_params": AuthKind(
        label="Signed parameters",
        description="All parameters sorted, joined with a secret and hashed: sign=...",
        fields=(
            _field("secret", "Shared secret", is_needed=True, is_secret=True),
            _choice("algorithm", "Algorithm", signed_params.ALGORITHMS),
            _choice("pairs", "Parameters joined as", signed_params.PAIRS),
            _field("message", "What is hashed", signed_params.MESSAGE, is_long=True),
            _choice("letters", "Letters", signed_params.LETTERS),
            _field("name", "Parameter of the signature", "sign", is_needed=True),
            _field("added", "Added parameters", "timestamp={timestamp}", is_long=True),
            _choice("place", "Where", signed_params.PLACES),
        ),
        sign=signed_params.sign,
        check=signed_params.check,
    ),
}
