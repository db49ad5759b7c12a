"""Every option of libcurl that is set for all requests of a policy, and why.

What libcurl would choose by itself (proxy, protocols, redirects, cookies) is chosen here, so
that a request is sent as it stands in `Wire.request`; its own options are in curl_request.py.
"""

from __future__ import annotations

import certifi
import pycurl

from cases.engine import guard
from cases.engine.policy import Policy
from cases.engine.receiver import Receiver
from cases.engine.sender import Sender

_CA_FILE = certifi.where()


def open_handle(policy: Policy, receiver: Receiver, sender: Sender) -> pycurl.Curl:
    """A handle for all requests of one policy.

    It never gets COOKIEFILE: libcurl's own cookies would outlive even a reset.
    """
    handle = pycurl.Curl()
    set_ = handle.setopt
    set_(pycurl.NOSIGNAL, 1)  # signals reach only the main thread
    web = pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS
    set_(pycurl.PROTOCOLS, web)  # the default includes file://
    set_(pycurl.REDIR_PROTOCOLS, web)
    set_(pycurl.FOLLOWLOCATION, 0)  # the runner follows, hop by hop
    set_(pycurl.PATH_AS_IS, 1)
    version = pycurl.CURL_HTTP_VERSION_2TLS if policy.http2 else pycurl.CURL_HTTP_VERSION_1_1
    set_(pycurl.HTTP_VERSION, version)
    set_(pycurl.ACCEPT_ENCODING, "")  # decode all it knows; the header itself is ours
    # Both always: libcurl reads http_proxy and no_proxy from the environment itself.
    set_(pycurl.PROXY, policy.proxy)
    set_(pycurl.NOPROXY, "")
    set_(pycurl.SSL_VERIFYPEER, int(policy.verify_tls))
    set_(pycurl.SSL_VERIFYHOST, 2 if policy.verify_tls else 0)
    handle.unsetopt(pycurl.CAPATH)  # some builds add the machine's own authorities
    if policy.ca_certificate:
        set_(pycurl.CAINFO_BLOB, policy.ca_certificate.encode())
    else:
        set_(pycurl.CAINFO, _CA_FILE)
    if policy.shows_certificate:
        set_(pycurl.OPT_CERTINFO, 1)
        # A connection that was kept shows none, nor does a TLS session that was resumed.
        set_(pycurl.FRESH_CONNECT, 1)
        set_(pycurl.SSL_SESSIONID_CACHE, 0)
    if policy.client_certificate:
        # Blobs: a key never touches the disk. A PEM text may hold both.
        set_(pycurl.SSLCERT_BLOB, policy.client_certificate.encode())
        set_(pycurl.SSLKEY_BLOB, (policy.client_key or policy.client_certificate).encode())
    # Servers end idle connections, some after 2 s: such a one is not worth the risk.
    set_(pycurl.MAXAGE_CONN, 1)
    if guard.has_rules():
        set_(pycurl.OPENSOCKETFUNCTION, receiver.connect)
    set_(pycurl.PREREQFUNCTION, receiver.may_send)
    set_(pycurl.HEADERFUNCTION, receiver.lines.append)
    set_(pycurl.WRITEFUNCTION, receiver.write)
    set_(pycurl.READFUNCTION, sender.read)
    set_(pycurl.SEEKFUNCTION, sender.seek)
    return handle
