"""requests on libcurl: the only place where bytes leave and arrive.

One handle per policy, kept with its connections; nothing of one case reaches the next.
"""

from __future__ import annotations

from collections import OrderedDict
from email.message import Message
from functools import cached_property
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pycurl
import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from cases.engine import curl_watch
from cases.engine.curl_errors import reason, sentence
from cases.engine.curl_handle import open_handle
from cases.engine.curl_request import RequestOptions
from cases.engine.curl_watch import NoFirstByte
from cases.engine.errors import NoAnswer
from cases.engine.messages import Response
from cases.engine.policy import Policy
from cases.engine.receiver import Receiver
from cases.engine.sender import Sender
from cases.engine.wire import Wire

_HANDLES = 8  # policies whose connections a thread keeps


class PreparedWire(requests.PreparedRequest):
    """A prepared request that carries the exact message beside requests' view of it."""

    def __init__(self, wire: Wire) -> None:
        # Without super(): it would set `headers` and build what nobody asks for.
        self._cookies = None
        self.wire = wire
        self.method = wire.request.method
        self.url = wire.request.url

    @cached_property
    def headers(self) -> CaseInsensitiveDict[str]:  # type: ignore[override]
        return CaseInsensitiveDict(self.wire.request.headers)


class CurlAnswer(requests.Response):
    """requests' view of an answer, with the engine's own.

    Only what its cookie jar looks at is filled in: a whole Response costs more than the
    exchange.
    """

    def __init__(self, request: PreparedWire, plain: Response) -> None:
        self.plain = plain
        self.request = request
        self.status_code = plain.status
        self.reason = plain.reason
        self.url = plain.url
        self.history = []
        self.raw = _raw(plain)
        self._content = plain.body

    @cached_property
    def headers(self) -> CaseInsensitiveDict[str]:  # type: ignore[override]
        return CaseInsensitiveDict(self.plain.headers)


class _Line(NamedTuple):
    """A handle with its options, and what it calls on the way out and back."""

    handle: pycurl.Curl
    options: RequestOptions
    sender: Sender
    receiver: Receiver


class CurlAdapter(BaseAdapter):
    """Belongs to one thread, like the handles in it."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: OrderedDict[Policy, _Line] = OrderedDict()

    def send(  # type: ignore[override]
        self, request: PreparedWire, *args: object, **kwargs: object
    ) -> CurlAnswer:
        """Raises NoAnswer with a sentence and what had arrived."""
        return CurlAnswer(request, self.exchange(request.wire))

    def close(self) -> None:
        for line in self._lines.values():
            line.handle.close()
        self._lines.clear()

    def exchange(self, wire: Wire) -> Response:
        """As `send`, without requests' view of both. Raises NoAnswer."""
        handle, options, sender, receiver = self._line(wire.policy)
        receiver.begin(wire.request.method, wire.response_limit)
        try:
            options.set(wire)
            if wire.first_byte_ms is None:
                handle.perform()
            else:
                curl_watch.perform(handle, receiver, wire.first_byte_ms)
            response = receiver.response(handle.getinfo, wire.request.url)
        except NoFirstByte:
            host = urlsplit(wire.request.url).netloc
            raise NoAnswer(
                f"{host} gave no byte of an answer within {wire.first_byte_ms} ms.",
                reason="timeout",
            ) from None
        except pycurl.error as error:
            came = receiver.response(handle.getinfo, wire.request.url)
            code, text = (*error.args, "")[:2]
            if receiver.refused:
                raise NoAnswer(receiver.refused, came) from None
            raise NoAnswer(
                sentence(handle, code, text, wire), came, reason(code, text)
            ) from None
        finally:
            sender.forget()
            receiver.forget()
        if response is None:
            raise NoAnswer(f"{wire.request.url} answered without a head.")
        if wire.policy.shows_certificate:
            return response._replace(certificate=_certificate(handle))
        return response

    def _line(self, policy: Policy) -> _Line:
        found = self._lines.get(policy)
        if found is None:
            sender, receiver = Sender(), Receiver()
            handle = open_handle(policy, receiver, sender)
            found = _Line(handle, RequestOptions(handle, sender), sender, receiver)
            self._lines[policy] = found
            if len(self._lines) > _HANDLES:
                self._lines.popitem(last=False)[1].handle.close()
        else:
            self._lines.move_to_end(policy)
        return found


def _certificate(handle: pycurl.Curl) -> str:
    """The target's own, without those that vouch for it."""
    chain = handle.getinfo(pycurl.INFO_CERTINFO)
    return next((value for name, value in chain[0] if name == "Cert"), "") if chain else ""


def _raw(plain: Response) -> Any:
    """requests reads cookies from `raw._original_response.msg`: made when there are any."""
    cookies = [value for name, value in plain.headers if name.lower() == "set-cookie"]
    if not cookies:
        return None
    message = Message()
    for value in cookies:
        message["Set-Cookie"] = value
    return SimpleNamespace(_original_response=SimpleNamespace(msg=message))
