"""Logging in and out, and the users of a shop."""

from __future__ import annotations

import base64
import re
from typing import Any

from demo.messages import Answer, Refused, Request, invalid, missing, reply
from demo.products import page
from demo.shop import Row, Shop, shop_of, token_of

LOGIN = "demo"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def log_in(request: Request) -> Answer:
    """POST /login: a token for the Authorization header, and the same as a cookie."""
    sent = request.json()
    fields = {
        name: "must be a text"
        for name in ("username", "password")
        if not isinstance(sent.get(name), str)
    }
    if fields:
        raise invalid(fields)
    if sent["username"] != LOGIN or sent["password"] != request.site.password:
        raise Refused(401, "bad_credentials", "User name or password is wrong.")
    token = request.site.log_in()
    path = request.site.prefix or "/"
    cookie = f"session={token}; Path={path}; HttpOnly; SameSite=Lax"
    return reply(
        {"token": token, "expires_in": 3600, "user": {"login": LOGIN, "role": "clerk"}},
        headers=(("Set-Cookie", cookie),),
    )


def log_out(request: Request) -> Answer:
    """POST /logout: the token is worth nothing from now on."""
    shop_of(request)
    request.site.log_out(token_of(request))
    path = request.site.prefix or "/"
    return Answer(status=204, headers=(("Set-Cookie", f"session=; Path={path}; Max-Age=0"),))


def me(request: Request) -> Answer:
    """GET /me: by token or by cookie."""
    shop_of(request)
    return reply({"login": LOGIN, "role": "clerk"})


def report(request: Request) -> Answer:
    """GET /report: the one page behind basic authentication."""
    expected = base64.b64encode(f"{LOGIN}:{request.site.password}".encode()).decode()
    if request.headers.get("Authorization") != f"Basic {expected}":
        challenge = (("WWW-Authenticate", 'Basic realm="report"'),)
        raise Refused(401, "bad_credentials", "This page wants basic auth.", headers=challenge)
    return reply({"site": request.site.name, "products": 30})


def index(request: Request) -> Answer:
    """GET /users."""
    return page(request, list(shop_of(request).users.values()))


def create(request: Request) -> Answer:
    """POST /users: 201 with its place, 409 if the login is taken."""
    shop = shop_of(request)
    user = _checked(request.json())
    with shop.lock:
        _refuse_taken(shop, user["login"])
        user = shop.add(shop.users, user)
    location = f"{request.site.prefix}/users/{user['id']}"
    return reply(user, 201, headers=(("Location", location),))


def show(request: Request, id: int) -> Answer:
    """GET /users/{id}."""
    return reply(_find(shop_of(request), id))


def replace(request: Request, id: int) -> Answer:
    """PUT /users/{id}: the whole user."""
    shop = shop_of(request)
    user = _checked(request.json())
    with shop.lock:
        _find(shop, id)
        _refuse_taken(shop, user["login"], besides=id)
        shop.users[id] = {"id": id, **user}
    return reply(shop.users[id])


def delete(request: Request, id: int) -> Answer:
    """DELETE /users/{id}: 204, and 404 ever after."""
    shop = shop_of(request)
    with shop.lock:
        del shop.users[_find(shop, id)["id"]]
    return Answer(status=204)


def _find(shop: Shop, id: int) -> Row:
    if id not in shop.users:
        raise missing(f"user {id}")
    return shop.users[id]


def _refuse_taken(shop: Shop, login: str, besides: int = 0) -> None:
    if any(u["login"] == login and u["id"] != besides for u in shop.users.values()):
        raise Refused(409, "taken", f"The login {login} is taken.")


def _checked(sent: dict[str, Any]) -> Row:
    fields = {
        name: "must be a text of 1 to 80 characters"
        for name in ("login", "name")
        if not isinstance(sent.get(name), str) or not 1 <= len(sent[name]) <= 80
    }
    if not _EMAIL.fullmatch(str(sent.get("email", ""))):
        fields["email"] = "must be an e-mail address"
    if fields:
        raise invalid(fields)
    return {name: sent[name] for name in ("login", "name", "email")}
