"""Attachments in bodies: byte for byte, of any size, without a copy for each thread."""

from __future__ import annotations

import hashlib
import socketserver
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.engine.long_body import LongBody, assembled
from cases.engine.outcome import Attempt, Outcome
from cases.engine.record import dumps, loads
from cases.engine.runner import run_case
from cases.engine.spec import (
    AttachmentSpec,
    AuthSpec,
    BodySpec,
    CaseSpec,
    PartSpec,
    StepSpec,
)
from cases.engine.validate import problems
from cases.engine.variables import Variables
from tests.engine.asking import Asking
from tests.servers.threaded import Threaded
from tests.target import Target

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
MB = 1024 * 1024
LARGE = bytes(range(256)) * (20 * MB // 256) + b"end"
ATTACHED = BodySpec(kind="attachment", attachment="photos/a.png")
# 8 threads send the file three times each; then how much larger the process has been
# than with one that had sent it once.
SENDING = """
import hashlib, resource
from concurrent.futures import ThreadPoolExecutor
from cases.engine.runner import run_case
from cases.engine.spec import *
from cases.engine.transport import Session
from cases.engine.variables import Variables
data = bytes(20 * 1024 * 1024)
digest = hashlib.sha256(data).hexdigest()
part = PartSpec(name="f", kind="attachment", value="a")
body = BodySpec(kind="multipart", parts=(part,))
step = StepSpec(method="POST", url="{url}", body=body)
stored = AttachmentSpec(name="a", digest=digest, size=len(data))
spec = CaseSpec(name="c", path="c", steps=(step, step, step), attachments=(stored,))
def run(_number):
    environment = EnvironmentSpec()
    contents = {{digest: data}}
    return run_case(spec, Variables([]), Session(), environment=environment, contents=contents)
run(0)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with ThreadPoolExecutor(8) as pool:
    attempts = list(pool.map(run, range(8)))
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print("".join(step.outcome for attempt in attempts for step in attempt.steps), grown)
"""


class _Drain(socketserver.StreamRequestHandler):
    """Reads requests and forgets them."""

    def handle(self) -> None:
        while self.rfile.readline():
            left = 0
            while line := self.rfile.readline().strip().lower():
                if line.startswith(b"content-length:"):
                    left = int(line.partition(b":")[2])
            while left:
                left -= len(self.rfile.read(min(left, 65_536)))
            self.wfile.write(b"HTTP/1.1 204 No Content\r\n\r\n")


class Drain(Threaded):
    def __init__(self) -> None:
        super().__init__(socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Drain))


def attachment(name: str, data: bytes, content_type: str = "") -> AttachmentSpec:
    digest = hashlib.sha256(data).hexdigest()
    return AttachmentSpec(name=name, digest=digest, size=len(data), content_type=content_type)


def send(
    asking: Asking,
    *steps: StepSpec,
    files: tuple[tuple[str, bytes, str], ...] = (("photos/a.png", PNG, "image/png"),),
    **options: object,
) -> Attempt:
    specs = tuple(attachment(*file) for file in files)
    spec = CaseSpec(name="c", path="c", steps=steps, attachments=specs, timeout_ms=30_000)
    contents = {spec.digest: data for spec, (_n, data, _t) in zip(specs, files, strict=True)}
    return run_case(
        spec,
        Variables([("case", {"kind": "webp"})]),
        asking.session,
        environment=asking.environment,
        **{"contents": contents, **options},  # type: ignore[arg-type]
    )


def post(body: BodySpec, url: str = "/echo", **fields: object) -> StepSpec:
    return StepSpec(method="POST", url=url, body=body, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stored", "asked", "sent"),
    [
        ("image/png", "", "image/png"),
        ("image/png", "image/{{kind}}", "image/webp"),
        ("", "", "application/octet-stream"),
    ],
)
def test_an_attachment_is_a_body_of_its_type_unless_the_step_says_otherwise(
    target: Target, asking: Asking, stored: str, asked: str, sent: str
) -> None:
    body = BodySpec(kind="attachment", attachment=" photos/a.png ", content_type=asked)
    attempt = send(asking, post(body), files=(("photos/a.png", PNG, stored),))
    assert attempt.outcome is Outcome.PASSED, attempt.message
    asked_for = target.requests[-1]
    assert (asked_for.header("Content-Type"), asked_for.body) == (sent, PNG)


@pytest.mark.parametrize(
    ("part", "head"),
    [
        ({}, b'name="f"; filename="a.png"\r\nContent-Type: image/png'),
        (
            {"filename": "b.{{kind}}", "content_type": "image/{{kind}}"},
            b'name="f"; filename="b.webp"\r\nContent-Type: image/webp',
        ),
    ],
)
def test_a_part_is_named_and_typed_like_its_attachment_unless_it_says_otherwise(
    target: Target, asking: Asking, part: dict[str, str], head: bytes
) -> None:
    file = PartSpec(name="f", kind="attachment", value="photos/a.png", **part)
    body = BodySpec(kind="multipart", parts=(PartSpec(name="t", value="text"), file))
    attempt = send(asking, post(body))
    assert attempt.outcome is Outcome.PASSED, attempt.message
    asked_for = target.requests[-1]
    boundary = (asked_for.header("Content-Type") or "").partition("; boundary=")[2].encode()
    assert asked_for.body == (
        b'--%b\r\nContent-Disposition: form-data; name="t"\r\n\r\ntext\r\n'
        b"--%b\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n--%b--\r\n"
        % (boundary, boundary, head, PNG, boundary)
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_twenty_megabytes_arrive_byte_for_byte_and_what_comes_next_is_as_ever(
    target: Target, asking: Asking, method: str
) -> None:
    steps = (
        StepSpec(method=method, url="/status/200", body=ATTACHED),
        post(BodySpec(kind="raw", text="short")),
        StepSpec(url="/json"),
    )
    attempt = send(asking, *steps, files=(("photos/a.png", LARGE, ""),))
    assert attempt.outcome is Outcome.PASSED, attempt.message
    large, short, none = target.requests
    assert (large.method, large.header("Content-Length")) == (method, str(len(LARGE)))
    assert large.header("Expect") is None
    assert large.body == LARGE
    assert (short.body, none.method, none.body) == (b"short", "GET", b"")


def test_what_is_recorded_of_a_large_body_is_its_beginning_and_its_size(
    asking: Asking,
) -> None:
    step = post(ATTACHED, "/status/200")
    attempt = send(asking, step, files=(("photos/a.png", LARGE, ""),))
    data = dumps(attempt)
    body = loads(data)["steps"][0]["exchanges"][0]["request"]["body"]
    assert (body["size"], body["cut"]) == (len(LARGE), True)
    assert len(data) < MB


def test_a_large_body_is_sent_again_from_its_beginning(target: Target, asking: Asking) -> None:
    """After a redirect that repeats everything, and by libcurl on a connection that ended."""
    steps = (
        post(ATTACHED, "/redirect-to?status=307&url=/status/200"),
        StepSpec(url="/then-close"),
        StepSpec(url="/status/200", body=ATTACHED),
    )
    attempt = send(asking, *steps, files=(("photos/a.png", LARGE, ""),))
    assert attempt.outcome is Outcome.PASSED, attempt.message
    first, again, close, last = target.requests
    assert first.body == again.body == last.body == LARGE
    assert last.connection != close.connection


def test_a_signature_covers_the_whole_of_a_large_body(target: Target, asking: Asking) -> None:
    auth = AuthSpec.of(
        "aws_sigv4", access_key="k", secret_key="s3cret", region="eu", service="s3"
    )
    step = post(ATTACHED, "/status/200", auth=auth)
    attempt = send(asking, step, files=(("photos/a.png", LARGE, ""),))
    assert attempt.outcome is Outcome.PASSED, attempt.message
    asked_for = target.requests[-1]
    assert asked_for.header("X-Amz-Content-SHA256") == hashlib.sha256(LARGE).hexdigest()
    assert asked_for.body == LARGE


def test_threads_that_send_one_large_file_share_its_bytes() -> None:
    """In a process of its own: of this one nobody knows what it had before."""
    with Drain() as drain:
        told = subprocess.run(
            [sys.executable, "-"],
            input=SENDING.format(url=drain.url),
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
    outcomes, grown_kb = told.stdout.split()
    assert outcomes == "passed" * 24
    assert int(grown_kb) < 20 * 1024  # one copy for each thread would be 160 MB


@pytest.mark.parametrize(
    ("step", "place"),
    [
        (post(BodySpec(kind="attachment", attachment="b.png")), "the body of step 2"),
        (
            post(
                BodySpec(
                    kind="multipart",
                    parts=(PartSpec(name="f", kind="attachment", value="b.png"),),
                )
            ),
            "part 1 (f) of step 2",
        ),
    ],
)
def test_without_its_attachment_a_case_sends_nothing_and_says_which_and_where(
    target: Target, asking: Asking, step: StepSpec, place: str
) -> None:
    attempt = send(asking, StepSpec(url="/json"), step)
    assert (attempt.outcome, attempt.message) == (
        Outcome.ERROR,
        f"There is no attachment 'b.png', which {place} is to send.",
    )
    assert target.requests == []


def test_a_content_that_is_gone_is_an_error_of_its_step(target: Target, asking: Asking) -> None:
    attempt = send(asking, StepSpec(url="/json"), post(ATTACHED), contents={})
    assert [step.outcome for step in attempt.steps] == [Outcome.PASSED, Outcome.ERROR]
    assert attempt.message == (
        "The content of attachment 'photos/a.png', "
        "which the body of step 2 is to send, is gone."
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (BodySpec(kind="attachment", attachment=" "), "The body names no attachment."),
        (
            BodySpec(kind="attachment", attachment="{{kind}}.png"),
            "The name of an attachment cannot hold a placeholder: '{{kind}}.png'.",
        ),
        (
            BodySpec(kind="multipart", parts=(PartSpec(name="f", kind="attachment"),)),
            "Part 1 (f) names no attachment.",
        ),
    ],
)
def test_a_name_that_no_attachment_can_have_is_refused(body: BodySpec, said: str) -> None:
    assert [(found.field, found.message) for found in problems(post(body))] == [("body", said)]


@given(
    pieces=st.lists(st.binary(max_size=9), max_size=6),
    start=st.integers(-60, 60),
    stop=st.integers(-60, 60),
)
def test_a_part_of_a_long_body_is_the_part_of_its_bytes(
    pieces: list[bytes], start: int, stop: int
) -> None:
    body = LongBody(tuple(pieces))
    assert body[start:stop] == bytes(body)[start:stop]
    assert len(body) == len(bytes(body))
    assert assembled(pieces) == bytes(body)
