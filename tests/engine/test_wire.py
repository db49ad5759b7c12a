"""What goes over the wire is what was written: the traps of libcurl under requests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cases.engine.outcome import Outcome
from cases.engine.runner import run_case
from cases.engine.spec import BodySpec, CaseSpec, StepSpec
from cases.engine.transport import Session
from cases.engine.variables import Variables
from tests.engine.asking import Asking, check
from tests.target import Target

DEFAULTS = b"User-Agent: testhub\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate, br\r\n"


def raw(target: Target) -> bytes:
    return target.requests[-1].raw


def host(target: Target) -> bytes:
    return f"Host: {target.address}\r\n".encode()


def test_a_plain_get_is_sent_byte_for_byte(target: Target, asking: Asking) -> None:
    asking.step("/echo")
    assert raw(target) == b"GET /echo HTTP/1.1\r\n" + host(target) + DEFAULTS + b"\r\n"


def test_headers_keep_order_case_and_repetition(target: Target, asking: Asking) -> None:
    asking.step("/echo", headers=(("x-B", "1"), ("X-a", "2"), ("x-B", "3")))
    assert raw(target) == (
        b"GET /echo HTTP/1.1\r\n"
        + host(target)
        + b"x-B: 1\r\nX-a: 2\r\nx-B: 3\r\n"
        + DEFAULTS
        + b"\r\n"
    )


def test_an_empty_header_is_sent(target: Target, asking: Asking) -> None:
    asking.step("/echo", headers=(("X-Empty", ""),))
    assert b"\r\nX-Empty:\r\n" in raw(target)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("User-Agent", "mine/1"),
        ("Accept", "text/html"),
        ("Accept-Encoding", "identity"),
        ("Host", "other.example"),
        ("Accept", ""),
    ],
)
def test_a_written_header_replaces_a_default(
    target: Target, asking: Asking, name: str, value: str
) -> None:
    asking.step("/echo", headers=((name, value),))
    found = [v for n, v in target.requests[-1].headers if n.lower() == name.lower()]
    assert found == [value]


def test_non_ascii_header_values_travel_as_utf8(target: Target, asking: Asking) -> None:
    asking.step("/echo", headers=(("X-Name", "Grüße 你好"),))
    assert "X-Name: Grüße 你好\r\n".encode() in raw(target)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_method_that_carries_a_body_says_so_when_it_has_none(
    target: Target, asking: Asking, method: str
) -> None:
    asking.step("/echo", method=method)
    assert raw(target) == (
        f"{method} /echo HTTP/1.1\r\n".encode()
        + host(target)
        + DEFAULTS
        + b"Content-Length: 0\r\n\r\n"
    )


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST", "QUERY", "lower", "X-Y"])
def test_any_method_may_carry_a_body(target: Target, asking: Asking, method: str) -> None:
    asking.step("/echo", method=method, body=BodySpec(kind="raw", text="a\x00b"))
    assert raw(target) == (
        f"{method} /echo HTTP/1.1\r\n".encode()
        + host(target)
        + DEFAULTS
        + b"Content-Length: 3\r\n\r\na\x00b"
    )


def test_a_big_body_gets_no_expect_and_no_content_type(target: Target, asking: Asking) -> None:
    body = BodySpec(kind="raw", text="x" * 3_000_000)
    asking.step("/echo", method="POST", body=body)
    names = [name.lower() for name, _ in target.requests[-1].headers]
    assert names.count("content-length") == 1
    assert "expect" not in names
    assert "content-type" not in names


def test_the_record_says_exactly_what_was_sent(target: Target, asking: Asking) -> None:
    steps = [
        {"method": "POST", "body": BodySpec(kind="json", text='{"a": 1}')},
        {"method": "POST", "body": BodySpec(kind="form", fields=(("a b", "ü&"),))},
        {"method": "HEAD"},
        {"method": "DELETE", "headers": (("X-Empty", ""), ("Host", "x.example"))},
        {"method": "GET", "params": (("q", "1"), ("q", "2"))},
    ]
    for fields in steps:
        request = asking.step("/echo", **fields).exchanges[0].request
        path = request.url.removeprefix(target.url)
        head = [f"{request.method} {path} HTTP/1.1"]
        head += [f"{name}: {value}".rstrip(" ") for name, value in request.headers]
        expected = "\r\n".join([*head, "", ""]).encode() + request.body
        assert raw(target) == expected


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("/a/../b", "/a/../b"),
        ("/a%2fb%2F", "/a%2fb%2F"),
        ("/a/./b//c", "/a/./b//c"),
        ("/with space/ü", "/with%20space/%C3%BC"),
        ("/q?a=1&a=2&b=%20+", "/q?a=1&a=2&b=%20+"),
        ("/brackets[0]?x[]=1&y={z}|^", "/brackets[0]?x[]=1&y={z}|^"),
        ("/path#fragment", "/path"),
        ("", "/"),
        ("?only=query", "/?only=query"),
        ("/100%", "/100%"),
    ],
)
def test_urls_are_sent_as_written(target: Target, asking: Asking, url: str, sent: str) -> None:
    asking.step(url)
    assert target.requests[-1].target == sent


def test_head_does_not_wait_for_a_body(target: Target, asking: Asking) -> None:
    result = asking.step("/json", method="HEAD", timeout_ms=5_000)
    assert result.outcome is Outcome.PASSED
    assert result.exchanges[0].response.body == b""
    assert result.duration_ms < 3_000


def test_the_next_request_on_a_handle_forgets_the_one_before(
    target: Target, asking: Asking
) -> None:
    post = BodySpec(kind="raw", text="body", content_type="text/plain")
    asking.step("/echo", method="POST", body=post, headers=(("X-Old", "1"),))
    asking.step("/echo", method="HEAD")
    asking.step("/echo")
    assert raw(target) == b"GET /echo HTTP/1.1\r\n" + host(target) + DEFAULTS + b"\r\n"
    assert len({asked.connection for asked in target.requests}) == 1


def test_the_environment_of_the_process_sets_no_proxy(
    target: Target, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert asking.step("/echo").outcome is Outcome.PASSED


def test_the_environment_of_the_process_cannot_go_around_a_proxy(
    target: Target, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    result = asking.step("http://somewhere.invalid/echo", environment={"proxy": target.url})
    assert result.outcome is Outcome.PASSED
    assert raw(target).startswith(b"GET http://somewhere.invalid/echo HTTP/1.1\r\n")
    assert b"Proxy-Connection" not in raw(target)


def test_files_cannot_be_read(asking: Asking, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    result = asking.step(f"file://{secret}")
    assert result.outcome is Outcome.ERROR
    assert "only http and https are sent" in result.message


def test_a_redirect_to_a_file_is_not_followed(asking: Asking) -> None:
    result = asking.step("/redirect-to?url=file:///etc/passwd")
    assert result.outcome is Outcome.ERROR
    assert "file:///etc/passwd" in result.message
    assert "only http and https" in result.message
    assert len(result.exchanges) == 1


def test_early_hints_are_not_the_answer(asking: Asking) -> None:
    response = asking.step("/early-hints").exchanges[0].response
    assert response.status == 200
    assert [name for name, _ in response.headers] == ["Content-Type", "Content-Length"]


def test_trailers_are_not_headers(asking: Asking) -> None:
    response = asking.step("/trailers").exchanges[0].response
    assert response.body == b"hello"
    assert "X-Sum" not in dict(response.headers)


def test_a_dead_kept_connection_is_replaced(target: Target, asking: Asking) -> None:
    steps = [StepSpec(url="/then-close"), StepSpec(url="/echo")]
    assert asking.case(*steps).outcome is Outcome.PASSED
    assert [asked.path for asked in target.requests] == ["/then-close", "/echo"]


@pytest.mark.parametrize(
    ("method", "n_sent"), [("GET", 2), ("POST", 1), ("PUT", 1), ("DELETE", 1), ("X-Y", 1)]
)
def test_only_a_safe_method_is_sent_again_when_a_kept_connection_ends(
    target: Target, asking: Asking, method: str, n_sent: int
) -> None:
    result = asking.case(StepSpec(url="/echo"), StepSpec(url="/close", method=method)).steps[1]
    assert result.outcome is Outcome.ERROR
    assert "without an answer" in result.message
    assert [asked.path for asked in target.requests].count("/close") == n_sent


def test_user_and_password_of_a_url_become_basic_auth(target: Target, asking: Asking) -> None:
    url = f"http://me:p%40ss@{target.address}/basic/me/p@ss"
    result = asking.step(url, assertions=(check("status", expected=200),))
    assert result.outcome is Outcome.PASSED
    assert "p%40ss" not in result.exchanges[0].request.url
    assert ("Authorization", "Basic ***") in result.exchanges[0].request.headers


def test_timings_of_a_reused_connection_have_no_connect(asking: Asking) -> None:
    first = asking.step("/echo").exchanges[0].response.timings
    second = asking.step("/echo").exchanges[0].response.timings
    assert first.connect_ms is not None
    assert second.connect_ms is None
    assert 0 < second.first_byte_ms <= second.total_ms


@pytest.mark.parametrize("page", ["/gzip", "/deflate", "/brotli"])
def test_compressed_bodies_are_read(asking: Asking, page: str) -> None:
    result = asking.step(page, assertions=(check("json", "$.id", expected=5),))
    assert result.outcome is Outcome.PASSED, result.message


def test_repeated_response_headers_are_all_kept(asking: Asking) -> None:
    response = asking.step("/headers?X-A=1&x-a=2&X-B=").exchanges[0].response
    assert response.headers[:3] == (("X-A", "1"), ("x-a", "2"), ("X-B", ""))


def test_a_chunked_body_is_sent_when_its_header_is_written(
    target: Target, asking: Asking
) -> None:
    body = BodySpec(kind="raw", text="hello")
    headers = (("Transfer-Encoding", "chunked"), ("Connection", "close"))
    asking.step("/echo", method="POST", body=body, headers=headers, timeout_ms=2_000)
    names = [name.lower() for name, _ in target.requests[-1].headers]
    assert "content-length" not in names
    assert names.count("transfer-encoding") == 1


def test_cookies_follow_their_rules(target: Target, asking: Asking) -> None:
    asking.case(
        StepSpec(url="/cookies/set?a=1&b=2;%20Path=/echo&c=3;%20Secure&d=4;%20Path=/other"),
        StepSpec(url="/echo"),
        StepSpec(url="/cookies/set?a=;%20Path=/;%20Max-Age=0&e=5;%20Domain=other.example"),
        StepSpec(url="/json"),
        StepSpec(url="/echo"),
    )
    sent = [asked.header("Cookie") for asked in target.requests]
    assert sorted((sent[1] or "").split("; ")) == ["a=1", "b=2"]
    assert sent[3:] == [None, "b=2"]


def test_many_threads_share_one_case(target: Target) -> None:
    checks = (check("json", "$.items[?@.id == {{id}}].ok", expected=True),)
    step = StepSpec(url="/json?{{$uuid}}", assertions=checks)
    spec = CaseSpec(name="c", path="c", steps=(step, step))

    def run(number: int) -> Outcome:
        session = Session()
        asking = Asking(target.url, session)
        variables = Variables([("case", {"id": 1})])
        attempts = [
            run_case(spec, variables, session, environment=asking.environment)
            for _ in range(10)
        ]
        session.close()
        return max((a.outcome for a in attempts), key=lambda outcome: outcome.weight)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(run, range(8))) == {Outcome.PASSED}
    assert len({asked.target for asked in target.requests}) == 8 * 10 * 2
