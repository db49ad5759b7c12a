"""What a tester wrote, as plain frozen data: the engine's only input besides variables.

Every class has `to_dict()` and `from_dict()`; the dictionary is JSON, is what a
`CaseVersion` stores, and is what its digest is taken from. Pairs keep their order and
may repeat a name. Lengths end in `_ms`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from cases.engine.plain_data import Pairs, Spec, fields_in, pairs, values_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionSpec(Spec):
    """*source* (at *path*) *comparator* *expected*: what must be true of an answer.

    `expected` is any JSON value; a text in it may hold `{{name}}`. What is read goes
    through the *filters* first: `split(',') | count`.
    """

    source: str
    path: str = ""
    filters: str = ""
    comparator: str = "equals"
    negated: bool = False
    expected: Any = None
    warns: bool = False  # what does not hold is told, and the step passes all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionSpec(Spec):
    """Keep what *source* (at *path*, through *filters*) holds as the variable *name*."""

    name: str
    source: str
    path: str = ""
    filters: str = ""
    optional: bool = False  # where nothing is found, the variable is the default
    default: Any = None
    secret: bool = False  # its value is masked in everything that is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthSpec(Spec):
    """A scheme and its fields by name, as `auth.kinds.AUTH_KINDS` lists them."""

    kind: str = "inherit"
    values: Pairs = ()  # what is missing has its default

    @classmethod
    def of(cls, kind: str, **values: str) -> Self:
        return cls(kind=kind, values=tuple(values.items()))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**fields_in(cls, data), "values": pairs(data.get("values"))})


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSpec(Spec):
    """One part of a multipart body: a text, bytes written in base64, or an attachment."""

    name: str
    kind: str = "text"  # of `bodies.PART_KINDS`
    value: str = ""  # of attachment: its name
    filename: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodySpec(Spec):
    """`bodies.BODY_KINDS` says which of these fields a kind uses."""

    kind: str = "none"
    text: str = ""  # of binary: in base64; of graphql: the query
    fields: Pairs = ()  # of form
    parts: tuple[PartSpec, ...] = ()  # of multipart
    variables: str = ""  # of graphql: a JSON object
    attachment: str = ""  # of attachment: its name
    content_type: str = ""  # the others know theirs

    @property
    def attachments(self) -> tuple[str, ...]:
        """The names of those that it sends."""
        if self.kind == "attachment":
            return (str(self.attachment).strip(),)
        if self.kind == "multipart":
            # str(): a stored spec may hold anything, and says so when it is compiled
            return tuple(str(p.value).strip() for p in self.parts if p.kind == "attachment")
        return ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            **{
                **fields_in(cls, data),
                "fields": pairs(data.get("fields")),
                "parts": tuple(PartSpec.from_dict(p) for p in data.get("parts") or ()),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendSpec(Spec):
    """The same request once more when no answer came, or a busy one: the innermost retry."""

    times: int = 0
    on: tuple[str, ...] = ("connect",)  # of `resend.REASONS`
    pause_ms: int = 500  # twice as long each time

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        known = fields_in(cls, data)
        return cls(**{**known, "on": tuple(known.get("on", cls().on))})


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSpec(Spec):
    """The whole step once more until it passes: for what takes a while to come true."""

    for_ms: int = 0  # from the first request on; 0: asked once
    every_ms: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSpec(Spec):
    """One HTTP exchange: what to ask, what to keep, what to judge."""

    name: str = ""
    method: str = "GET"
    url: str = ""
    path_params: Pairs = ()  # for {name} and :name in the path of the URL
    params: Pairs = ()
    headers: Pairs = ()
    cookies: Pairs = ()
    auth: AuthSpec = AuthSpec()
    body: BodySpec = BodySpec()
    extractions: tuple[ExtractionSpec, ...] = ()
    assertions: tuple[AssertionSpec, ...] = ()
    inherit_headers: bool = True  # the modules' default headers
    inherit_assertions: bool = True  # the modules' default assertions
    follow_redirects: bool = True
    max_redirects: int = 10
    timeout_ms: int | None = None  # of one try with its redirects; None: what the case has
    first_byte_ms: int | None = None  # until an answer begins; None: whenever it does
    delay_ms: int = 0  # before the first request
    resend: ResendSpec = ResendSpec()
    poll: PollSpec = PollSpec()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            **{
                **fields_in(cls, data),
                "path_params": pairs(data.get("path_params")),
                "params": pairs(data.get("params")),
                "headers": pairs(data.get("headers")),
                "cookies": pairs(data.get("cookies")),
                "auth": AuthSpec.from_dict(data.get("auth") or {}),
                "body": BodySpec.from_dict(data.get("body") or {}),
                "resend": ResendSpec.from_dict(data.get("resend") or {}),
                "poll": PollSpec.from_dict(data.get("poll") or {}),
                "extractions": tuple(
                    ExtractionSpec.from_dict(e) for e in data.get("extractions") or ()
                ),
                "assertions": tuple(
                    AssertionSpec.from_dict(a) for a in data.get("assertions") or ()
                ),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultsSpec(Spec):
    """What modules give to every step below them."""

    headers: Pairs = ()
    auth: AuthSpec = AuthSpec()
    assertions: tuple[AssertionSpec, ...] = ()
    inherit_headers: bool = True
    inherit_assertions: bool = True

    def narrowed(self, inner: DefaultsSpec) -> DefaultsSpec:
        """With those of a module inside this one, which has the last word."""
        headers, assertions = inner.headers, inner.assertions
        if inner.inherit_headers:
            names = {name.lower() for name, _ in headers}
            kept = (pair for pair in self.headers if pair[0].lower() not in names)
            headers = (*kept, *headers)
        if inner.inherit_assertions:
            assertions = (*self.assertions, *assertions)
        inherits = inner.auth.kind == "inherit"
        return DefaultsSpec(
            headers=headers,
            auth=self.auth if inherits else inner.auth,
            assertions=assertions,
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            **{
                **fields_in(cls, data),
                "headers": pairs(data.get("headers")),
                "auth": AuthSpec.from_dict(data.get("auth") or {}),
                "assertions": tuple(
                    AssertionSpec.from_dict(a) for a in data.get("assertions") or ()
                ),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSpec(Spec):
    """One named row of a dataset: variables of the narrowest written scope."""

    name: str
    values: tuple[tuple[str, Any], ...]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(name=data["name"], values=values_of(data.get("values")))


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef(Spec):
    """A secret module variable by name and key: its value never enters a spec."""

    name: str
    variable_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentSpec(Spec):
    """A stored file as it was when the case was compiled; its bytes go by the digest."""

    name: str
    digest: str
    size: int
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaSpec(Spec):
    """A stored JSON Schema as it was when the case was compiled."""

    name: str
    text: str  # JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSpec(Spec):
    """One test case, complete but for secrets and the environment it will meet."""

    name: str
    path: str
    steps: tuple[StepSpec, ...]
    module_variables: tuple[tuple[str, Any], ...] = ()
    module_secrets: tuple[SecretRef, ...] = ()
    defaults: DefaultsSpec = DefaultsSpec()  # of all its modules together
    variables: tuple[tuple[str, Any], ...] = ()
    rows: tuple[RowSpec, ...] = ()
    attachments: tuple[AttachmentSpec, ...] = ()  # those that its steps name
    schemas: tuple[SchemaSpec, ...] = ()  # those that its assertions name, and those these name
    timeout_ms: int = 30_000  # of the whole case, every step and redirect; of each try
    retries: int = 0
    retry_pause_ms: int = 1_000

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            **{
                **fields_in(cls, data),
                "steps": tuple(StepSpec.from_dict(s) for s in data.get("steps") or ()),
                "module_variables": values_of(data.get("module_variables")),
                "module_secrets": tuple(
                    SecretRef.from_dict(s) for s in data.get("module_secrets") or ()
                ),
                "defaults": DefaultsSpec.from_dict(data.get("defaults") or {}),
                "variables": values_of(data.get("variables")),
                "rows": tuple(RowSpec.from_dict(r) for r in data.get("rows") or ()),
                "schemas": tuple(SchemaSpec.from_dict(s) for s in data.get("schemas") or ()),
                "attachments": tuple(
                    AttachmentSpec.from_dict(a) for a in data.get("attachments") or ()
                ),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentSpec(Spec):
    """The target system as a run snapshots it: no variables, no secrets."""

    name: str = ""
    base_url: str = ""
    headers: Pairs = ()  # defaults; a step's header of the same name replaces them
    verify_tls: bool = True
    ca_certificate: str = ""  # PEM; replaces the public authorities
    client_certificate: str = ""  # PEM; may hold {{name}}
    client_key: str = ""  # PEM, by way of a secret: {{name}}
    proxy: str = ""  # http://host:port; may hold {{name}}
    http2: bool = False  # asked for by ALPN; what the target has not is not used
    connect_timeout_ms: int = 10_000
    response_limit: int = 10 * 1024 * 1024  # bytes of a body, after decompression

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**fields_in(cls, data), "headers": pairs(data.get("headers"))})
