"""A step read once: every field checked, every problem a sentence for its form."""

from __future__ import annotations

from typing import Any

from cases.engine import urls
from cases.engine.auth_compiler import compile_auth
from cases.engine.body_compiler import compile_body
from cases.engine.comparators import COMPARATORS
from cases.engine.compiled import Assertion, CompiledStep, Extraction, NamedText, Text
from cases.engine.errors import BadSpec
from cases.engine.extract import SOURCES
from cases.engine.headers import TOKEN, check_cookie, check_header
from cases.engine.patterns import compile_jsonpath, compile_regex
from cases.engine.problem import Problem, wrong_types
from cases.engine.spec import Pairs, StepSpec
from cases.engine.templates import NAME, holds_placeholder
from cases.engine.texts import check_templates, compile_pairs, compile_text, unknown


class StepCompiler:
    """Goes through one step, field by field; a bad field does not hide the next one."""

    def __init__(self, spec: StepSpec, place: str) -> None:
        self.spec = spec
        self.step = CompiledStep(spec=spec, place=place)

    def compile(self) -> CompiledStep:
        """Never raises for a bad spec."""
        self.step.problems += wrong_types(self.spec)
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
            ("max_redirects", self._max_redirects),
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
        self.step.params = self._pairs(self.spec.params, "parameter")

    def _headers(self) -> None:
        self.step.headers = self._pairs(self.spec.headers, "header")
        for name, value in self.spec.headers:
            check_header(name, value, self.step.place, templates=True)

    def _cookies(self) -> None:
        self.step.cookies = self._pairs(self.spec.cookies, "cookie")
        for name, value in self.spec.cookies:
            check_cookie(name, value, self.step.place, templates=True)

    def _auth(self) -> None:
        step = self.step
        step.auth_kind, step.auth = compile_auth(self.spec.auth, step.place)

    def _body(self) -> None:
        compile_body(self.step)

    def _extractions(self) -> None:
        found = []
        for number, spec in enumerate(self.spec.extractions, 1):
            if not NAME.fullmatch(spec.name):
                raise BadSpec(bad_name(spec.name))
            place = f"extraction {number} ({spec.name})"
            found.append(Extraction(spec, self._path(spec.source, spec.path, place)))
        self.step.extractions = found

    def _assertions(self) -> None:
        found = []
        for number, spec in enumerate(self.spec.assertions, 1):
            if spec.comparator not in COMPARATORS:
                raise BadSpec(unknown("comparator", spec.comparator, COMPARATORS))
            place = f"assertion {number}"
            path = self._path(spec.source, spec.path, place)
            place = f"{place}{self.step.place}"
            check_templates(spec.expected, place)
            templated = holds_placeholder(spec.expected)
            if spec.comparator == "matches" and not templated:
                if not isinstance(spec.expected, str):
                    raise BadSpec(f"The regular expression of {place} must be a text.")
                compile_regex(spec.expected)
            found.append(Assertion(spec, path, spec.expected, place, templated))
        self.step.assertions = found

    def _path(self, source: str, path: str, place: str) -> Text:
        if source not in SOURCES:
            raise BadSpec(unknown("source", source, SOURCES))
        if SOURCES[source].needs_path and not path.strip():
            raise BadSpec(f"Source {source} of {place} needs a path.")
        if "{{" not in path:
            if source == "json":
                compile_jsonpath(path or "$")
            elif source == "regex":
                compile_regex(path)
        return self._text(path, place)

    def _timeout(self) -> None:
        timeout = self.spec.timeout_ms
        if timeout is not None and not is_length(timeout):
            raise BadSpec(f"The deadline must be at least 1 ms, not {timeout}.")

    def _max_redirects(self) -> None:
        if not isinstance(self.spec.max_redirects, int) or self.spec.max_redirects < 0:
            raise BadSpec(
                f"The number of redirects must be 0 or more, not {self.spec.max_redirects}."
            )


def bad_name(name: str) -> str:
    """Why this cannot be the name of a variable."""
    return (
        f"{name!r} is not a name for a variable: it begins with a letter or _, "
        "then come letters, digits, _, - and dots."
    )


def is_length(value: Any) -> bool:
    """Whether it is a number of milliseconds that can be waited."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
