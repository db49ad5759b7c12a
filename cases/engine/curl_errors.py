"""libcurl's error codes as sentences for a tester: what happened, and with whom."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import pycurl

from cases.engine.wire import Wire

_SENTENCES = {
    pycurl.E_COULDNT_RESOLVE_PROXY: "The proxy's host name has no address",
    pycurl.E_COULDNT_RESOLVE_HOST: "The host name of {host} has no address",
    pycurl.E_COULDNT_CONNECT: "Could not connect to {host}",
    pycurl.E_GOT_NOTHING: "{host} closed the connection without an answer",
    pycurl.E_PARTIAL_FILE: "{host} closed the connection in the middle of its answer",
    pycurl.E_RECV_ERROR: "The connection to {host} broke while its answer was read",
    pycurl.E_SEND_ERROR: "The connection to {host} broke while the request was sent",
    pycurl.E_UNSUPPORTED_PROTOCOL: "{host} answered with something that is not HTTP",
    pycurl.E_FTP_WEIRD_SERVER_REPLY: "{host} answered with something that is not HTTP",
    pycurl.E_PEER_FAILED_VERIFICATION: "The certificate of {host} was not accepted",
    pycurl.E_SSL_CONNECT_ERROR: "TLS with {host} could not be set up",
    pycurl.E_SSL_CERTPROBLEM: "The environment's client certificate or its key cannot be used",
    pycurl.E_SSL_CACERT_BADFILE: "The environment's CA certificate cannot be read",
    pycurl.E_BAD_CONTENT_ENCODING: "The answer of {host} could not be decompressed",
    pycurl.E_URL_MALFORMAT: "{host} is not a host that can be asked",
    # A key that is no key; of all that is set, only blobs can have a value that is wrong.
    43: "The environment's client certificate or its key cannot be used",
    100: "The headers of {host} are larger than any answer's should be",
    97: "The proxy refused the connection to {host}",
}


# libcurl's words would only say it again.
_SAYS_IT_ALL = (
    pycurl.E_COULDNT_RESOLVE_PROXY,
    pycurl.E_COULDNT_RESOLVE_HOST,
    pycurl.E_GOT_NOTHING,
)

_REASONS = {
    pycurl.E_COULDNT_RESOLVE_PROXY: "connect",
    pycurl.E_COULDNT_RESOLVE_HOST: "connect",
    pycurl.E_COULDNT_CONNECT: "connect",
    pycurl.E_SSL_CONNECT_ERROR: "connect",
    pycurl.E_GOT_NOTHING: "broken",
    pycurl.E_PARTIAL_FILE: "broken",
    pycurl.E_RECV_ERROR: "broken",
    pycurl.E_SEND_ERROR: "broken",
}


def reason(code: int, text: str) -> str:
    """Which of `resend.REASONS` this is; empty for what the next try would meet again."""
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return "timeout" if text.startswith("Operation") else "connect"
    return _REASONS.get(code, "")


def sentence(handle: pycurl.Curl, code: int, text: str, wire: Wire) -> str:
    """One sentence; libcurl's own words follow in brackets where they add a fact."""
    host = urlsplit(wire.request.url).netloc
    if code == pycurl.E_COULDNT_CONNECT:
        host = _first_stop(host, wire)
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return _late(handle, text, host, wire)
    known = _SENTENCES.get(code, "The exchange with {host} failed").format(host=host)
    fact = _fact(handle, code, text)
    return f"{known} ({fact})." if fact else f"{known}."


def _fact(handle: pycurl.Curl, code: int, text: str) -> str:
    """What the sentence does not say yet."""
    if code == pycurl.E_COULDNT_CONNECT:
        number = handle.getinfo(pycurl.OS_ERRNO)
        return os.strerror(number).lower() if number else ""
    return "" if code in _SAYS_IT_ALL else text.rstrip(".")


def _late(handle: pycurl.Curl, text: str, host: str, wire: Wire) -> str:
    if not text.startswith("Operation"):  # Resolving, Connection, SSL connection ...
        within = min(wire.connect_timeout_ms, wire.timeout_ms)
        if handle.getinfo(pycurl.CONNECT_TIME):
            return f"TLS with {host} was not set up within {within} ms."
        return f"Could not connect to {_first_stop(host, wire)} within {within} ms."
    received = int(handle.getinfo(pycurl.SIZE_DOWNLOAD_T))
    return (
        f"{host} gave no complete answer within {wire.timeout_ms} ms "
        f"({received} bytes of the body came)."
    )


def _first_stop(host: str, wire: Wire) -> str:
    """Whom we connect to: the proxy, if there is one."""
    proxy = wire.policy.proxy
    return f"the proxy {urlsplit(proxy).netloc}" if proxy else host
