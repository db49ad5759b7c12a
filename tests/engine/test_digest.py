"""Digest, verified by httpbin's implementation and by the examples of RFC 7616."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cases.engine.auth import digest
from cases.engine.messages import Request, Response
from cases.engine.outcome import Outcome
from cases.engine.spec import AuthSpec
from cases.engine.transport import Session
from tests.engine.asking import Asking, check
from tests.httpbin.server import Gunicorn
from tests.target import Target

OK = (check("status", expected=200),)
ME = AuthSpec.of("digest", username="mei", password="{{password}}")
SECRET = {"variables": {"password": 'päss:\\w"ord'}, "secrets": ('päss:\\w"ord',)}


@pytest.fixture(scope="module")
def httpbin() -> Iterator[Gunicorn]:
    with Gunicorn("httpbin:app", path="/status/204") as running:
        yield running


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512"])
@pytest.mark.parametrize("qop", ["auth", "auth-int"])
def test_httpbin_accepts_the_answer(
    httpbin: Gunicorn, session: Session, algorithm: str, qop: str
) -> None:
    result = Asking(httpbin.url, session).step(
        f"/digest-auth/{qop}/mei/open-sesame/{algorithm}",
        auth=AuthSpec.of("digest", username="mei", password="open-sesame"),
        assertions=OK,
    )
    assert result.outcome is Outcome.PASSED, result.message
    assert [e.purpose for e in result.exchanges] == ["", "auth"]
    assert [e.response.status for e in result.exchanges if e.response] == [401, 200]


def test_a_wrong_password_is_not_sent_again_and_again(
    httpbin: Gunicorn, session: Session
) -> None:
    auth = AuthSpec.of("digest", username="mei", password="wrong")
    result = Asking(httpbin.url, session).step(
        "/digest-auth/auth/mei/open-sesame", auth=auth, assertions=OK
    )
    assert result.outcome is Outcome.FAILED
    assert len(result.exchanges) == 2


# RFC 7616, section 3.9.1, with the client nonce that stands there.
CHALLENGE = (
    'realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
SHA_256 = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
MD5 = "8ca523f5e9506fed4657c9700eebdbec"
MUFASA = {"username": "Mufasa", "password": "Circle of Life"}
REQUEST = Request(method="GET", url="http://www.example.org/dir/index.html")


def answered(*challenges: str) -> str | None:
    headers = tuple(("WWW-Authenticate", challenge) for challenge in challenges)
    return digest.answer(REQUEST, Response(status=401, headers=headers), MUFASA)


@pytest.mark.parametrize(("algorithm", "response"), [("SHA-256", SHA_256), ("MD5", MD5)])
def test_the_examples_of_the_rfc(algorithm: str, response: str) -> None:
    challenge = {
        "realm": "http-auth@example.org",
        "qop": "auth, auth-int",
        "algorithm": algorithm,
        "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "opaque": "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
    }
    said = digest.authorization(REQUEST, challenge, MUFASA, cnonce=CNONCE)
    assert f'response="{response}"' in said
    assert 'uri="/dir/index.html"' in said


def test_the_uri_is_the_request_target_as_it_was_sent() -> None:
    request = Request(method="GET", url="http://h:80/a%2Fb/../c;d?q=1&r=%20")
    challenge = {"realm": "r", "nonce": "n"}
    said = digest.authorization(request, challenge, MUFASA, cnonce=CNONCE)
    assert 'uri="/a%2Fb/../c;d?q=1&r=%20"' in said
    assert "cnonce" not in said  # RFC 2069 has none


def test_the_strongest_challenge_is_answered() -> None:
    said = answered(
        f"Digest {CHALLENGE.format('MD5')}", f"Digest {CHALLENGE.format('SHA-256')}"
    )
    assert said is not None
    assert "algorithm=SHA-256" in said


def test_a_challenge_is_found_among_others_in_one_header() -> None:
    said = answered(f'Basic realm="x", Digest {CHALLENGE.format("MD5")}, Bearer realm="y"')
    assert said is not None
    assert said.startswith('Digest username="Mufasa", realm="http-auth@example.org"')


@pytest.mark.parametrize("challenge", ['Basic realm="x"', "Negotiate", "Digest nonsense", ""])
def test_what_is_no_challenge_is_not_answered(challenge: str) -> None:
    assert answered(challenge) is None


def test_an_unknown_algorithm_is_named(target: Target, asking: Asking) -> None:
    challenge = 'Digest realm="r", nonce="n", algorithm=SHA3'
    result = asking.step("/challenge", params=(("with", challenge),), auth=ME, **SECRET)
    assert result.message == "The target asks for Digest with sha3, which is not known."


def test_other_hosts_are_not_told_what_only_the_first_may_know(
    target: Target, asking: Asking
) -> None:
    with Target() as other:
        challenge = "Digest realm=r, nonce=n"
        url = f"{other.url}/challenge?with={challenge}"
        result = asking.step("/redirect-to", params=(("url", url),), auth=ME, **SECRET)
        assert [asked.header("Authorization") for asked in other.requests] == [None]
    assert [e.purpose for e in result.exchanges] == ["", "redirect"]
