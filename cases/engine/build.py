"""A step and its variables become a Request: URL, headers in order, bytes."""

from __future__ import annotations

from collections.abc import Sequence

from cases.engine import urls
from cases.engine.auth.plain import NOTHING, Credentials, basic
from cases.engine.bodies import render_body
from cases.engine.compiled import CompiledStep, NamedText
from cases.engine.files import Files
from cases.engine.headers import Headers, check_header
from cases.engine.messages import Request
from cases.engine.plain_data import Pairs
from cases.engine.spec import EnvironmentSpec
from cases.engine.variables import Variables

DEFAULT_HEADERS: Pairs = (
    ("User-Agent", "testhub"),
    ("Accept", "*/*"),
    ("Accept-Encoding", "gzip, deflate, br"),
)
_DEFAULTS = {name.lower(): (name, value) for name, value in DEFAULT_HEADERS}
_ALWAYS_SIZED = ("POST", "PUT", "PATCH")  # without a body they say Content-Length: 0


def build(
    step: CompiledStep,
    environment: EnvironmentSpec,
    variables: Variables,
    files: Files,
    credentials: Credentials = NOTHING,
) -> Request:
    """Raises CannotRender, BadSpec or NoFile; the cookies of the case are not in it yet."""
    url = _url(step, environment, variables, credentials.params)
    content_type, body = render_body(step, variables, files)
    headers = Headers()
    # From wide to narrow: what comes later replaces what came before.
    if environment.headers:
        headers.replace(_environment_headers(environment, variables))
    if step.default_headers:
        headers.replace(_pairs(step.default_headers, variables))
    if credentials is not NOTHING:
        headers.replace(credentials.headers)
    if content_type:
        headers.replace([("Content-Type", content_type)])
    if step.headers:
        headers.replace(_pairs(step.headers, variables))
    if step.cookies or credentials.cookies:
        cookies = [*_pairs(step.cookies, variables), *credentials.cookies]
        headers.add_cookies(cookies, step.place)
    for name, value in headers.pairs:
        check_header(name, value, step.place)
    # What comes now is our own.
    if url.user:
        headers.defaults({"authorization": ("Authorization", basic(*url.user))})
    headers.defaults(_DEFAULTS)
    if (body or step.spec.method in _ALWAYS_SIZED) and "transfer-encoding" not in headers:
        headers.defaults({"content-length": ("Content-Length", str(len(body)))})
    return Request(step.spec.method, url.text, headers.with_host(url.authority), body)


def _url(
    step: CompiledStep, environment: EnvironmentSpec, variables: Variables, credentials: Pairs
) -> urls.Url:
    if not step.has_fixed_url or credentials or "{{" in environment.base_url:
        return _joined_url(step, environment, variables, credentials)
    known = step.fixed_url
    if known is None or known[0] != environment.base_url:
        url = _joined_url(step, environment, variables, credentials)
        # In one piece, because threads share the step.
        step.fixed_url = known = environment.base_url, url
    return known[1]


def _joined_url(
    step: CompiledStep, environment: EnvironmentSpec, variables: Variables, credentials: Pairs
) -> urls.Url:
    assert step.url is not None
    written = variables.text(*step.url).strip()
    if step.path_params:
        written = urls.with_path_params(written, dict(_pairs(step.path_params, variables)))
    joined = urls.join(base_url(environment, variables), written)
    if step.params or credentials:
        joined = urls.with_params(joined, [*_pairs(step.params, variables), *credentials])
    return urls.parse(joined)


def base_url(environment: EnvironmentSpec, variables: Variables) -> str:
    return variables.fill(environment.base_url, "the environment's base URL").strip()


def _environment_headers(
    environment: EnvironmentSpec, variables: Variables
) -> list[tuple[str, str]]:
    return [
        (name, variables.fill(value, f"the environment's header {name}"))
        for name, value in environment.headers
    ]


def _pairs(pairs: Sequence[NamedText], variables: Variables) -> list[tuple[str, str]]:
    return [(variables.text(*name), variables.text(*value)) for name, value in pairs]
