"""A step read once: every field checked, every problem a sentence for its form."""

from __future__ import annotations

from itertools import chain
from typing import Any

from cases.engine import urls
from cases.engine.auth.kinds import INHERIT
from cases.engine.auth_compiler import compile_auth
from cases.engine.body_compiler import compile_body
from cases.engine.check_compiler import compile_assertions, compile_extractions
from cases.engine.compiled import CompiledStep, NamedText, Text
from cases.engine.errors import BadSpec
from cases.engine.headers import TOKEN, check_cookie, check_header
from cases.engine.plain_data import Pairs
from cases.engine.problem import Problem, wrong_types
from cases.engine.resend import MOST, REASONS
from cases.engine.spec import DefaultsSpec, StepSpec
from cases.engine.stored_schemas import StoredSchemas
from cases.engine.texts import compile_pairs, compile_text, unknown


class StepCompiler:
    """Goes through one step, field by field; a bad field does not hide the next one."""

    def __init__(
        self, spec: StepSpec, place: str, defaults: DefaultsSpec, stored: StoredSchemas
    ) -> None:
        self.spec = spec
        self.defaults = defaults
        self.stored = stored
        self.step = CompiledStep(spec=spec, place=place)

    def compile(self) -> CompiledStep:
        """Never raises for a bad spec."""
        self.step.problems += wrong_types(self.spec, self.defaults)
        if self.step.problems:
            return self.step
        for name, check in (
            ("method", self._method),
            ("url", self._url),
            ("path_params", self._path_params),
            ("params", self._params),
            ("headers", self._headers),
            ("cookies", self._cookies),
            ("auth", self._auth),
            ("body", self._body),
            ("extractions", self._extractions),
            ("assertions", self._assertions),
            ("timeout_ms", self._timeout),
            ("first_byte_ms", self._first_byte),
            ("max_redirects", self._max_redirects),
            ("delay_ms", self._delay),
            ("resend", self._resend),
            ("poll", self._poll),
        ):
            try:
                check()
            except BadSpec as error:
                self.step.problems.append(Problem(name, str(error)))
            except RecursionError:
                self.step.problems.append(Problem(name, f"{name} is nested too deeply."))
        return self.step

    def _text(self, text: str, place: str) -> Text:
        return compile_text(text, f"{place}{self.step.place}")

    def _pairs(self, pairs: Pairs, kind: str) -> list[NamedText]:
        return compile_pairs(pairs, kind, self.step.place)

    def _method(self) -> None:
        method = self.spec.method
        if not TOKEN.fullmatch(method):
            raise BadSpec(f"Method {method!r} is not an HTTP method.")
        if method == "HEAD" and self.spec.body.kind != "none":
            raise BadSpec("A HEAD request has no body.")
        if method == "CONNECT":
            raise BadSpec("CONNECT asks a proxy for a tunnel and cannot be a step.")

    def _url(self) -> None:
        url = self.spec.url
        self.step.url = self._text(url, "the URL")
        if "{{" not in url:
            # Checked behind a base URL: a relative one is fine.
            urls.parse(urls.join("http://base", url.strip()))

    def _path_params(self) -> None:
        params = self.spec.path_params
        self.step.path_params = self._pairs(params, "path variable")
        if params and "{{" not in self.spec.url and not any("{{" in name for name, _ in params):
            # Values are not known yet: any that is not empty will do.
            urls.with_path_params(self.spec.url, {name: "x" for name, _ in params})

    def _params(self) -> None:
        spec, step = self.spec, self.step
        step.params = self._pairs(spec.params, "parameter")
        written = (spec.url, *chain(*spec.path_params, *spec.params))
        step.has_fixed_url = not any("{{" in text for text in written)

    def _headers(self) -> None:
        self.step.headers = self._pairs(self.spec.headers, "header")
        inherited = self.defaults.headers if self.spec.inherit_headers else ()
        self.step.default_headers = self._pairs(inherited, "default header")
        for name, value in (*inherited, *self.spec.headers):
            check_header(name, value, self.step.place, templates=True)

    def _cookies(self) -> None:
        self.step.cookies = self._pairs(self.spec.cookies, "cookie")
        for name, value in self.spec.cookies:
            check_cookie(name, value, self.step.place, templates=True)

    def _auth(self) -> None:
        step, auth = self.step, self.spec.auth
        if auth.kind == INHERIT:
            auth = self.defaults.auth
        step.auth_kind, step.auth = compile_auth(auth, step.place)

    def _body(self) -> None:
        compile_body(self.step)

    def _extractions(self) -> None:
        compile_extractions(self.step)

    def _assertions(self) -> None:
        inherited = self.defaults.assertions if self.spec.inherit_assertions else ()
        compile_assertions(self.step, (*self.spec.assertions, *inherited), self.stored)

    def _timeout(self) -> None:
        timeout = self.spec.timeout_ms
        if timeout is not None and not is_length(timeout):
            raise BadSpec(f"The deadline must be from 1 ms to 24 days, not {timeout}.")

    def _first_byte(self) -> None:
        limit = self.spec.first_byte_ms
        if limit is not None and not is_length(limit):
            raise BadSpec(
                f"The deadline for the first byte must be at least 1 ms, not {limit}."
            )

    def _max_redirects(self) -> None:
        if not isinstance(self.spec.max_redirects, int) or self.spec.max_redirects < 0:
            raise BadSpec(
                f"The number of redirects must be 0 or more, not {self.spec.max_redirects}."
            )

    def _delay(self) -> None:
        delay = self.spec.delay_ms
        if delay != 0 and not is_length(delay):
            raise BadSpec(f"The delay must be 0 ms or more, not {delay}.")

    def _resend(self) -> None:
        resend = self.spec.resend
        if resend.times == 0:
            return
        if not is_length(resend.times) or resend.times > MOST:
            raise BadSpec(f"A request is sent again 0 to {MOST} times, not {resend.times}.")
        if not resend.on:
            raise BadSpec("A request that is to be sent again needs a reason to be.")
        for reason in resend.on:
            if reason not in REASONS:
                raise BadSpec(unknown("reason to send again", str(reason), REASONS))
        if not is_length(resend.pause_ms):
            raise BadSpec(f"The pause must be at least 1 ms, not {resend.pause_ms}.")

    def _poll(self) -> None:
        poll = self.spec.poll
        if poll.for_ms == 0:
            return
        if not is_length(poll.for_ms):
            raise BadSpec(f"Polling must take 0 ms or more, not {poll.for_ms}.")
        if not is_length(poll.every_ms):
            raise BadSpec(f"Polling needs a pause of at least 1 ms, not {poll.every_ms}.")


def is_length(value: Any) -> bool:
    """Whether it is a number of milliseconds that can be waited."""
    return (
        isinstance(value, int)
        and not isinstance(value, bool)
        and 1 <= value < 2**31  # what libcurl takes
    )
