"""Every scheme, against a server that verifies it with code that is not ours."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cases.engine.auth.kinds import AUTH_KINDS
from cases.engine.outcome import Outcome
from cases.engine.spec import AuthSpec, BodySpec, StepSpec
from tests.engine.asking import Asking, check
from tests.target import Asked, Target

ANSWERED = (check("status", expected=200),)


def sent(target: Target, asking: Asking, auth: AuthSpec, url: str = "/echo", **f: Any) -> Asked:
    """The request as it arrived."""
    result = asking.step(url, auth=auth, **f)
    assert result.outcome is Outcome.PASSED, result.message
    return target.requests[-1]


# --- credentials that stand in the request -------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "target_line", "header"),
    [
        (AuthSpec(), "/echo?a=1", None),
        (AuthSpec(kind="none"), "/echo?a=1", None),
        (
            AuthSpec.of("basic", username="me", password="pä:s"),
            "/echo?a=1",
            ("Authorization", "Basic bWU6cMOkOnM="),
        ),
        (AuthSpec.of("bearer", token="{{t}}"), "/echo?a=1", ("Authorization", "Bearer t0k")),
        (AuthSpec.of("api_key", value="{{t}}"), "/echo?a=1", ("X-API-Key", "t0k")),
        (
            AuthSpec.of("api_key", name="key", value="a b&c", place="query"),
            "/echo?a=1&key=a%20b%26c",
            None,
        ),
        (
            AuthSpec.of("api_key", name="sid", value="{{t}}", place="cookie"),
            "/echo?a=1",
            ("Cookie", "theme=dark; sid=t0k"),
        ),
    ],
)
def test_credentials_arrive_where_they_belong(
    target: Target,
    asking: Asking,
    auth: AuthSpec,
    target_line: str,
    header: tuple[str, str] | None,
) -> None:
    fields = {"cookies": (("theme", "dark"),), "variables": {"t": "t0k"}}
    asked = sent(target, asking, auth, params=(("a", "1"),), **fields)
    assert asked.target == target_line
    if header:
        assert header in asked.headers
    else:
        assert asked.header("Authorization") is None


def test_a_header_of_the_step_wins_over_its_auth(target: Target, asking: Asking) -> None:
    auth = AuthSpec.of("api_key", name="X-Key", value="from auth")
    asked = sent(target, asking, auth, headers=(("x-key", "written"),))
    assert [v for n, v in asked.headers if n.lower() == "x-key"] == ["written"]


@pytest.mark.parametrize(
    "auth",
    [
        AuthSpec.of("api_key", value="s3cret"),
        AuthSpec.of("hmac", secret="s", headers="X-Signature: {signature}"),
        AuthSpec.of("aws_sigv4", access_key="a", secret_key="s", session_token="s3cret"),
    ],
)
def test_no_credentials_follow_a_redirect_to_another_host(
    target: Target, asking: Asking, auth: AuthSpec
) -> None:
    with Target() as other:
        asking.step(f"/redirect-to?url={other.url}/echo&status=307", auth=auth)
        names = {name.lower() for name, _ in other.requests[-1].headers}
    assert {
        "x-api-key",
        "x-signature",
        "x-amz-security-token",
        "authorization",
    } & names == set()
    first = {name.lower() for name, _ in target.requests[-1].headers}
    assert {"x-api-key", "x-signature", "x-amz-security-token"} & first


def test_an_api_key_is_not_in_the_record(target: Target, asking: Asking) -> None:
    auth = AuthSpec.of("api_key", name="key", value="typed-s3cret", place="query")
    result = asking.step("/echo", auth=auth)
    assert target.requests[-1].target == "/echo?key=typed-s3cret"
    assert "typed-s3cret" not in repr(result)


# --- AWS Signature 4 -----------------------------------------------------------------------


KEYS = {"access_key": "AKIDEXAMPLE", "secret_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}


def aws_signature(target: Target, asked: Asked, service: str, region: str, token: str) -> str:
    """What botocore makes of the request as it arrived."""
    said = asked.header("Authorization") or ""
    names = said.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name: value for name, value in asked.headers if name.lower() in names}
    request = AWSRequest(
        method=asked.method, url=target.url + asked.target, data=asked.body, headers=headers
    )
    request.context["timestamp"] = asked.header("X-Amz-Date")
    keys = Credentials(KEYS["access_key"], KEYS["secret_key"], token or None)
    signer = (S3SigV4Auth if service == "s3" else SigV4Auth)(keys, service, region)
    canonical = signer.canonical_request(request)
    return str(signer.signature(signer.string_to_sign(request, canonical), request))


@pytest.mark.parametrize(
    ("service", "fields"),
    [
        ("execute-api", {"url": "/echo"}),
        ("execute-api", {"url": "/echo/a%20b/../c//d/", "params": (("z", "1"), ("a", "ü &"))}),
        ("execute-api", {"url": "/echo?flag&b=2&a=1&a=0"}),
        ("sts", {"method": "POST", "body": BodySpec(kind="form", fields=(("a", "1"),))}),
        ("es", {"method": "PUT", "body": BodySpec(kind="json", text='{"a":  "ü"}')}),
        (
            "s3",
            {"method": "PUT", "url": "/echo/a%2Fb/./x", "body": BodySpec(kind="raw", text="x")},
        ),
        ("s3", {"session_token": "t+/="}),
    ],
)
def test_botocore_accepts_the_aws_signature(
    target: Target, asking: Asking, service: str, fields: dict[str, Any]
) -> None:
    token = fields.pop("session_token", "")
    auth = AuthSpec.of(
        "aws_sigv4", **KEYS, service=service, region="eu-west-1", session_token=token
    )
    asked = sent(target, asking, auth, **{"url": "/echo", **fields})
    assert asked.header("X-Amz-Security-Token") == (token or None)
    said = asked.header("Authorization") or ""
    assert said.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    expected = aws_signature(target, asked, service, "eu-west-1", token)
    assert said.endswith(f"Signature={expected}")


# --- HMAC ----------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "sha512", "md5"])
def test_the_default_rule_of_hmac_is_verified_from_what_arrived(
    target: Target, asking: Asking, algorithm: str
) -> None:
    auth = AuthSpec.of("hmac", key="me", secret="{{s}}", algorithm=algorithm)
    asked = sent(
        target,
        asking,
        auth,
        "/echo/a%2Fb?x=1",
        method="POST",
        body=BodySpec(kind="raw", text="{n} ü"),
        variables={"s": "ge{heim}"},
    )
    time, nonce = asked.header("X-Timestamp"), asked.header("X-Nonce")
    body = hashlib.sha256("{n} ü".encode()).hexdigest()
    message = f"POST\n/echo/a%2Fb\nx=1\n{time}\n{nonce}\n{body}"
    expected = hmac.new(b"ge{heim}", message.encode(), algorithm).hexdigest()
    assert asked.header("X-Signature") == expected
    assert asked.header("X-Access-Key") == "me"


def test_a_rule_of_hmac_may_hold_the_body_itself_and_fill_any_header(
    target: Target, asking: Asking
) -> None:
    auth = AuthSpec.of(
        "hmac",
        key="me",
        secret="s",
        encoding="base64",
        message="{method} {url} {date}|{{extra}}|{body}",
        headers="Date: {date}\nAuthorization: HMAC {key}:{signature}",
    )
    body = BodySpec(kind="binary", text="/wD+e2tleX0=")  # ends with {key}
    asked = sent(target, asking, auth, method="PUT", body=body, variables={"extra": "{key}"})
    message = f"PUT {target.url}/echo {asked.header('Date')}|me|".encode()
    digest = hmac.new(b"s", message + b"\xff\x00\xfe{key}", "sha256").digest()
    said = asked.header("Authorization") or ""
    assert said == f"HMAC me:{base64.b64encode(digest).decode()}"


# --- signed parameters ---------------------------------------------------------------------

# The example of WeChat Pay's documentation, with its key and both of its signatures.
WECHAT = (
    ("appid", "wxd930ea5d5a258f4f"),
    ("mch_id", "10000100"),
    ("device_info", "1000"),
    ("body", "test"),
    ("nonce_str", "ibuaiVcKdpRxkhJA"),
    ("empty", ""),
)
WECHAT_KEY = "192006250b4c09247ec02edce69f6a2d"
WECHAT_SIGN = {
    "md5": "9A0A8659F005D6984697E2CA0A9CF3B7",
    "hmac-sha256": "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6",
}
JSON_BODY = '{"appid": "wxd930ea5d5a258f4f", "mch_id": 10000100, "device_info": "1000"}'


@pytest.mark.parametrize("algorithm", WECHAT_SIGN)
@pytest.mark.parametrize("place", ["params", "form", "json"])
def test_the_example_of_wechat_pay(
    target: Target, asking: Asking, algorithm: str, place: str
) -> None:
    auth = AuthSpec.of("signed_params", secret=WECHAT_KEY, algorithm=algorithm, added="")
    fields: dict[str, Any] = {
        "params": {"params": WECHAT},
        "form": {"body": BodySpec(kind="form", fields=WECHAT)},
        "json": {
            "params": WECHAT[3:],
            "body": BodySpec(kind="json", text=JSON_BODY),
        },
    }[place]
    asked = sent(target, asking, auth, method="POST", **fields)
    sign = WECHAT_SIGN[algorithm]
    if place == "params":
        assert asked.query[-1] == ("sign", sign)
    elif place == "form":
        assert asked.body.endswith(f"&empty=&sign={sign}".encode())
    else:
        assert asked.body == JSON_BODY[:-1].encode() + f',"sign":"{sign}"}}'.encode()
    assert asked.header("Content-Length") == str(len(asked.body))


def test_a_rule_with_the_secret_on_both_sides_and_a_time_of_its_own(
    target: Target, asking: Asking
) -> None:
    """As the open platform of Taobao wants it."""
    auth = AuthSpec.of(
        "signed_params",
        secret="helloworld",
        pairs="a1b2",
        message="{secret}{params}{secret}",
        added="timestamp={timestamp_ms}\napp_key=12345678",
        place="query",
    )
    body = BodySpec(kind="form", fields=(("fields", "num_iid,title ü"),))
    asked = sent(target, asking, auth, "/echo?method=item.get", method="POST", body=body)
    query = {name: values[0] for name, values in parse_qs(urlsplit(asked.target).query).items()}
    joined = "".join(
        [
            "app_key12345678",
            "fieldsnum_iid,title ü",
            "methoditem.get",
            f"timestamp{query['timestamp']}",
        ]
    )
    expected = hashlib.md5(f"helloworld{joined}helloworld".encode()).hexdigest().upper()
    assert query["sign"] == expected
    assert asked.body == b"fields=num_iid%2Ctitle+%C3%BC"


def test_a_signature_may_go_into_headers(target: Target, asking: Asking) -> None:
    auth = AuthSpec.of(
        "signed_params", secret="s", letters="lower", name="X-Sign", added="", place="headers"
    )
    asked = sent(target, asking, auth, "/echo?b=2&a=1")
    assert asked.header("X-Sign") == hashlib.md5(b"a=1&b=2&key=s").hexdigest()
    assert asked.target == "/echo?b=2&a=1"


@pytest.mark.parametrize(
    ("auth", "sentence"),
    [
        (AuthSpec.of("digest", token="x"), "Unknown field of auth digest 'token'"),
        (AuthSpec.of("api_key", name=" "), "The auth name is empty."),
        (AuthSpec.of("api_key", place="body"), "Unknown auth place 'body'; known are header"),
        (AuthSpec.of("hmac", secret="s", message="{path}{nope}"), "There is no word {nope}"),
        (
            AuthSpec.of("hmac", secret="s", message="{signature}"),
            "There is no word {signature}",
        ),
        (AuthSpec.of("hmac", secret="s", headers="X-Sign"), "'X-Sign' is not a header"),
        (AuthSpec.of("signed_params", secret="s", added="t"), "'t' is not a parameter"),
        (AuthSpec.of("oauth2", client_id="me"), "The auth token_url is empty."),
    ],
)
def test_what_a_scheme_cannot_use_is_refused(
    target: Target, asking: Asking, auth: AuthSpec, sentence: str
) -> None:
    result = asking.step("/echo", auth=auth)
    assert result.outcome is Outcome.ERROR
    assert sentence in result.message
    assert target.requests == []


def test_a_json_body_that_is_none_cannot_be_signed(target: Target, asking: Asking) -> None:
    body = BodySpec(kind="raw", text='{"a": ', content_type="application/json")
    auth = AuthSpec.of("signed_params", secret="s")
    result = asking.step("/echo", method="POST", auth=auth, body=body)
    assert "The JSON body cannot be signed" in result.message


def test_every_scheme_is_tested() -> None:
    elsewhere = {"digest", "oauth2"}  # test_digest.py, test_oauth2.py
    named = {"inherit", "none", "basic", "bearer", "api_key", "aws_sigv4", "hmac"}
    assert elsewhere | named | {"signed_params"} == set(AUTH_KINDS)
    assert StepSpec().auth.kind == "inherit"
