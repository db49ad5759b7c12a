"""Every address of the demo API on one page; under /staging all of them once more."""

from __future__ import annotations

import re
from collections.abc import Callable

from demo import accounts, oddities, orders, products
from demo.messages import Answer, Refused, Request, missing

View = Callable[..., Answer]

ROUTES: tuple[tuple[str, dict[str, View]], ...] = (
    ("/health", {"GET": oddities.health}),
    ("/login", {"POST": accounts.log_in}),
    ("/logout", {"POST": accounts.log_out}),
    ("/me", {"GET": accounts.me}),
    ("/report", {"GET": accounts.report}),
    ("/users", {"GET": accounts.index, "POST": accounts.create}),
    (
        "/users/{id}",
        {
            "GET": accounts.show,
            "PUT": accounts.replace,
            "DELETE": accounts.delete,
        },
    ),
    ("/products", {"GET": products.index}),
    ("/products/{id}", {"GET": products.show}),
    ("/products.xml", {"GET": products.as_xml}),
    ("/files/products.csv", {"GET": products.as_csv}),
    ("/files/logo.png", {"GET": products.as_picture}),
    ("/orders", {"GET": orders.index, "POST": orders.create}),
    (
        "/orders/{id}",
        {"GET": orders.show, "PATCH": orders.change, "DELETE": orders.delete},
    ),
    ("/orders/{id}/pay", {"POST": orders.pay}),
    ("/orders/{id}/invoice", {"GET": orders.invoice}),
    ("/slow", {"GET": oddities.slow}),
    ("/flaky", {"GET": oddities.flaky}),
    ("/shop/items", {"GET": oddities.moved}),
    ("/hops/{left}", {"GET": oddities.hop}),
    ("/search", {"POST": oddities.search}),
    (
        "/echo",
        dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), oddities.echo),
    ),
)


def _compiled(path: str) -> re.Pattern[str]:
    """`/orders/{id}` matches digits at `{id}`, and everything else as it is written."""
    literal = re.split(r"{\w+}", path)
    names = re.findall(r"{(\w+)}", path)
    groups = [f"(?P<{name}>[0-9]{{1,9}})" for name in names] + [""]
    return re.compile("".join(re.escape(a) + b for a, b in zip(literal, groups, strict=True)))


_VIEWS = tuple((_compiled(path), views) for path, views in ROUTES)


def answer(request: Request) -> Answer:
    """What the shop says to this request; never raises for a bad one."""
    try:
        return _answer(request)
    except Refused as refused:
        return refused.answer()


def _answer(request: Request) -> Answer:
    views, ids = _find(request.path)
    methods = {*views, "OPTIONS"} | ({"HEAD"} if "GET" in views else set())
    allow = (("Allow", ", ".join(sorted(methods))),)
    if request.method == "OPTIONS":
        return Answer(status=204, headers=allow)
    # The server leaves away the body of an answer to HEAD.
    view = views.get("GET" if request.method == "HEAD" else request.method)
    if view is None:
        sentence = f"{request.method} is not allowed here."
        raise Refused(405, "method_not_allowed", sentence, headers=allow)
    return view(request, **ids)


def _find(path: str) -> tuple[dict[str, View], dict[str, int]]:
    for pattern, views in _VIEWS:
        if match := pattern.fullmatch(path):
            ids = {name: int(text) for name, text in match.groupdict().items()}
            return views, ids
    raise missing(f"page {path}")
