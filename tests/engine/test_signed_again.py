"""A signature is made for one URL and one moment: each hop and each try has its own."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cases.engine.outcome import Outcome
from cases.engine.spec import AuthSpec, BodySpec, ResendSpec
from cases.engine.transport import Session
from tests.engine.asking import Asking, check
from tests.engine.verifying import Signed, Verifying

AUTHS = {
    "hmac": AuthSpec.of("hmac", key="me", secret="s3cret"),
    "aws_sigv4": AuthSpec.of("aws_sigv4", access_key="AKID", secret_key="s3cret"),
    "params": AuthSpec.of("signed_params", secret="s3cret", added="nonce={nonce}"),
    "headers": AuthSpec.of(
        "signed_params", secret="s3cret", added="X-Nonce={nonce}", place="headers"
    ),
}
FORM = BodySpec(kind="form", fields=(("pay", "1 ü"),))


def by_hmac(asked: Signed) -> tuple[str, bool]:
    said, (path, _, query) = asked.headers, asked.target.partition("?")
    body = hashlib.sha256(asked.body).hexdigest()
    lines = [asked.method, path, query, said["X-Timestamp"], said["X-Nonce"], body]
    right = hmac.new(b"s3cret", "\n".join(lines).encode(), "sha256").hexdigest()
    return said["X-Nonce"], said["X-Signature"] == right


def by_aws(asked: Signed) -> tuple[str, bool]:
    said = asked.headers["Authorization"]
    names = said.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name: value for name, value in asked.headers.items() if name.lower() in names}
    request = AWSRequest(asked.method, asked.url, headers, asked.body)
    request.context["timestamp"] = asked.headers["X-Amz-Date"]
    signer = SigV4Auth(Credentials("AKID", "s3cret"), "execute-api", "us-east-1")
    right = signer.string_to_sign(request, signer.canonical_request(request))
    # Within one second the same request has the same signature.
    return asked.target, said.endswith(f"Signature={signer.signature(right, request)}")


def by_params(asked: Signed) -> tuple[str, bool]:
    pairs = parse_qsl(urlsplit(asked.url).query) + parse_qsl(asked.body.decode())
    [signature] = [value for name, value in pairs if name == "sign"]
    return _of_params([pair for pair in pairs if pair[0] != "sign"], signature)


def by_headers(asked: Signed) -> tuple[str, bool]:
    pairs = parse_qsl(urlsplit(asked.url).query) + parse_qsl(asked.body.decode())
    pairs.append(("X-Nonce", asked.headers["X-Nonce"]))
    return _of_params(pairs, asked.headers["sign"])


def _of_params(pairs: list[tuple[str, str]], signature: str) -> tuple[str, bool]:
    joined = "&".join(f"{name}={value}" for name, value in sorted(pairs))
    right = hashlib.md5(f"{joined}&key=s3cret".encode()).hexdigest().upper()
    [nonce] = [value for name, value in pairs if name.lower().endswith("nonce")]
    return nonce, signature == right


VERIFIED_BY = {
    "hmac": by_hmac,
    "aws_sigv4": by_aws,
    "params": by_params,
    "headers": by_headers,
}


@pytest.mark.parametrize("scheme", AUTHS)
@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (302, {}),
        (307, {"method": "POST", "body": FORM}),
        (303, {"method": "POST", "body": FORM}),
    ],
)
def test_each_hop_is_signed_for_itself(
    session: Session, scheme: str, status: int, fields: dict[str, Any]
) -> None:
    with Verifying(VERIFIED_BY[scheme], status) as server:
        result = Asking(server.url, session).step(
            "/hop?b=2&a=1",
            auth=AUTHS[scheme],
            assertions=(check("status", expected=200),),
            **fields,
        )
    assert server.answers == [(status, "/hop"), (200, "/end")]
    assert result.outcome is Outcome.PASSED, result.message


@pytest.mark.parametrize("scheme", ["hmac", "params", "headers"])
def test_each_try_is_signed_for_itself(session: Session, scheme: str) -> None:
    with Verifying(VERIFIED_BY[scheme], 302) as server:
        Asking(server.url, session).step(
            "/busy?a=1",
            auth=AUTHS[scheme],
            resend=ResendSpec(times=1, on=("busy",), pause_ms=1),
        )
    assert server.answers == [(503, "/busy"), (200, "/busy")]


@pytest.mark.parametrize("scheme", AUTHS)
def test_another_origin_gets_no_signature(session: Session, scheme: str) -> None:
    def nothing(asked: Signed) -> tuple[str, bool]:
        return str(len(other.arrived)), True

    with Verifying(VERIFIED_BY[scheme], 302) as server, Verifying(nothing, 302) as other:
        server.elsewhere = other.url
        Asking(server.url, session).step("/hop", auth=AUTHS[scheme])
    [arrived] = other.arrived
    names = {name.lower() for name in arrived.headers}
    assert not names & {"authorization", "x-amz-date", "x-signature", "x-nonce", "sign"}
