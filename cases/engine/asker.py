"""The requests of one case on their way: who is asking, redirects, cookies, deadlines."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil

from cases.engine import redirects, urls
from cases.engine import resend as resends
from cases.engine.auth.handshake import Handshake
from cases.engine.auth.plain import NOTHING
from cases.engine.auth.tokens import Tokens, TokenStore
from cases.engine.build import base_url, build
from cases.engine.compiled import CompiledStep
from cases.engine.errors import Cancelled, NoAnswer
from cases.engine.files import Files
from cases.engine.messages import Exchange, Purpose, Request, Response
from cases.engine.policy import Policy, policy
from cases.engine.spec import EnvironmentSpec, ResendSpec
from cases.engine.transport import Session
from cases.engine.variables import Variables
from cases.engine.wire import Wire

CANCELLED = "Cancelled."
_LOOK_UP_S = 0.2  # how soon a pause hears that the run was cancelled


class Asker:
    """Sends what the steps of one case ask, within a deadline; keeps every exchange."""

    def __init__(
        self,
        session: Session,
        environment: EnvironmentSpec,
        variables: Variables,
        files: Files,
        tokens: TokenStore | None,
        stopped: Callable[[], bool],
    ) -> None:
        self.deadline = 0.0  # of the case, by time.monotonic()
        self.exchanges: list[Exchange] = []
        self._try_ends = 0.0  # the deadline of the step, if that comes first
        self._limit_ms: int | None = None
        self._first_byte_ms: int | None = None
        self._resend: ResendSpec | None = None
        self._session = session
        self._environment = environment
        self._variables = variables
        self._files = files
        self._tokens = tokens
        self._stopped = stopped
        self._way = Policy()
        self._sign: Callable[[Request], Request] | None = None

    def ask_step(self, step: CompiledStep) -> None:
        """Send, and follow redirects. Raises EngineError when no answer came to judge."""
        self._way = policy(self._environment, self._variables)
        if step.asks_certificate:
            self._way = self._way._replace(shows_certificate=True)
        self._limit_ms = step.spec.timeout_ms
        self._first_byte_ms = step.spec.first_byte_ms
        self._resend = step.spec.resend if step.spec.resend.times else None
        self._sign = None
        self._begin_try()
        if step.auth_kind is None:
            request = build(step, self._environment, self._variables, self._files)
            self._follow(step, request)
        else:
            self._ask_with_auth(step)

    def ask(self, request: Request, purpose: Purpose = "") -> Response:
        """An answer, at the first try or a later one. Raises NoAnswer and Cancelled."""
        resend = self._resend
        if resend is None:
            return self._exchange(request, purpose)
        for number in range(resend.times):
            try:
                response = self._exchange(request, purpose)
            except NoAnswer as error:
                pause_ms = resends.pause_ms(resend, number, error.response)
                if error.reason not in resend.on or not self.wait(pause_ms):
                    raise
            else:
                if "busy" not in resend.on or not resends.is_busy(response):
                    return response
                if not self.wait(resends.pause_ms(resend, number, response)):
                    return response
            purpose = "token" if purpose == "token" else "resend"
            self._begin_try()
        return self._exchange(request, purpose)

    def wait(self, pause_ms: int) -> bool:
        """Sleep that long. At once False if the case has no time for it. Raises Cancelled."""
        until = time.monotonic() + pause_ms / 1000
        if until >= self.deadline:
            return False
        while (left_s := until - time.monotonic()) > 0:
            if self._stopped():
                raise Cancelled(CANCELLED)
            time.sleep(min(left_s, _LOOK_UP_S))
        return True

    def _begin_try(self) -> None:
        self._try_ends = self.deadline
        if self._limit_ms is not None:
            self._try_ends = min(self.deadline, time.monotonic() + self._limit_ms / 1000)

    def _exchange(self, request: Request, purpose: Purpose) -> Response:
        # Here and not before the request is built: a function may take its time over it.
        if self._stopped():
            raise Cancelled(CANCELLED)
        left_ms = ceil((self._try_ends - time.monotonic()) * 1000)
        if left_ms <= 0:
            raise NoAnswer("The deadline had passed before this request could be sent.")
        # A signature is made for one URL and one moment: anew for every hop and every try.
        if self._sign is not None:
            request = self._sign(request)
        request = self._way.addressed(self._session.with_cookies(request))
        connect_ms = min(left_ms, self._environment.connect_timeout_ms)
        limit = self._environment.response_limit
        wire = Wire(request, self._way, left_ms, connect_ms, limit, self._first_byte_ms)
        try:
            response = self._session.send(wire)
        except NoAnswer as error:
            self.exchanges.append(Exchange(request, error.response, str(error), purpose))
            raise
        self.exchanges.append(Exchange(request, response, "", purpose))
        return response

    @property
    def tokens(self) -> TokenStore:
        """Shared with other cases, if somebody shares them."""
        if self._tokens is None:
            self._tokens = Tokens()
        return self._tokens

    def absolute(self, url: str) -> str:
        """A URL seen from the environment's base URL."""
        return urls.join(base_url(self._environment, self._variables), url.strip())

    def hide(self, text: str) -> None:
        """Keep this text out of the record, wherever it stands."""
        self._variables.hide(text)

    def left_s(self) -> float:
        """Seconds until the deadline."""
        return self._try_ends - time.monotonic()

    def _ask_with_auth(self, step: CompiledStep) -> None:
        kind, variables = step.auth_kind, self._variables
        assert kind is not None
        values = {name: variables.text(*text) for name, text in step.auth.items()}
        if kind.hides:
            self.hide(values[kind.hides])
        handshake, credentials = None, NOTHING
        if kind.handshake is not None:
            handshake = kind.handshake(values, self)
            credentials = handshake.credentials()
        elif kind.credentials is not None:
            credentials = kind.credentials(values)
        request = build(step, self._environment, variables, self._files, credentials)
        if (sign := kind.sign) is not None:
            self._sign = lambda request: sign(request, values)
        private = frozenset(name.lower() for name, _ in credentials.headers)
        self._follow(step, request, handshake, private)

    def _follow(
        self,
        step: CompiledStep,
        first: Request,
        handshake: Handshake | None = None,
        private: frozenset[str] = frozenset(),
    ) -> None:
        """Every hop is an exchange."""
        spec = step.spec
        response, n_hops = self._answered(first, "", handshake), 0
        request = first
        while spec.follow_redirects:
            following = redirects.next_request(request, response, private)
            if following is None:
                return
            if n_hops == spec.max_redirects:
                raise NoAnswer(f"The answer redirects more than {spec.max_redirects} times.")
            n_hops += 1
            if not _is_near(first, following):
                handshake = self._sign = None  # what they know is for the first host only
            request = following
            response = self._answered(request, "redirect", handshake)

    def _answered(
        self, request: Request, purpose: Purpose, handshake: Handshake | None
    ) -> Response:
        response = self.ask(request, purpose)
        if handshake is not None:
            again = handshake.again(request, response)
            if again is not None:
                return self.ask(again, "auth")
        return response


def _is_near(first: Request, following: Request) -> bool:
    return redirects.same_place(urls.parse(first.url), urls.parse(following.url))
