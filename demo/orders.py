"""The orders of a shop: create, read, change, pay, cancel, invoice."""

from __future__ import annotations

from typing import Any

from demo.messages import Answer, Refused, Request, invalid, missing, reply
from demo.products import PRODUCTS, page
from demo.shop import Row, Shop, shop_of

_STATUSES = ("open", "paid")


def index(request: Request) -> Answer:
    """GET /orders: all, or those of one status."""
    rows = list(shop_of(request).orders.values())
    if wanted := request.query.get("status"):
        if wanted not in _STATUSES:
            raise invalid({"status": f"must be one of {', '.join(_STATUSES)}"})
        rows = [row for row in rows if row["status"] == wanted]
    return page(request, rows)


def create(request: Request) -> Answer:
    """POST /orders: 201 with the order and its place."""
    shop = shop_of(request)
    sent = request.json()
    fields = _problems(sent)
    if not any(product["id"] == sent.get("product_id") for product in PRODUCTS):
        fields["product_id"] = "must be the id of a product"
    if fields:
        raise invalid(fields)
    with shop.lock:
        order = shop.add(
            shop.orders,
            {
                "product_id": sent["product_id"],
                "quantity": sent["quantity"],
                "status": "open",
                "note": sent.get("note", ""),
            },
        )
    location = f"{request.site.prefix}/orders/{order['id']}"
    return reply(_priced(order), 201, headers=(("Location", location),))


def show(request: Request, id: int) -> Answer:
    """GET /orders/{id}."""
    return reply(_priced(_find(shop_of(request), id)))


def change(request: Request, id: int) -> Answer:
    """PATCH /orders/{id}: quantity and note of an order that is not paid yet."""
    shop = shop_of(request)
    sent = request.json()
    if unknown := sorted(sent.keys() - {"quantity", "note"}):
        raise invalid({name: "cannot be changed" for name in unknown})
    with shop.lock:
        order = _open(shop, id)
        if fields := _problems({**order, **sent}):
            raise invalid(fields)
        shop.orders[id] = {**order, **sent}
    return reply(_priced(shop.orders[id]))


def pay(request: Request, id: int) -> Answer:
    """POST /orders/{id}/pay: once; 409 the second time."""
    shop = shop_of(request)
    with shop.lock:
        shop.orders[id] = {**_open(shop, id), "status": "paid"}
    return reply(_priced(shop.orders[id]))


def delete(request: Request, id: int) -> Answer:
    """DELETE /orders/{id}: 204; a paid order stays."""
    shop = shop_of(request)
    with shop.lock:
        _open(shop, id)
        del shop.orders[id]
    return Answer(status=204)


def invoice(request: Request, id: int) -> Answer:
    """GET /orders/{id}/invoice: a text file."""
    order = _priced(_find(shop_of(request), id))
    text = f"Invoice {id}\n{order['quantity']} x product {order['product_id']}\n"
    name = f'attachment; filename="invoice-{id}.txt"'
    return Answer(
        headers=(
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Disposition", name),
        ),
        body=f"{text}Total: {order['total']:.2f} €\n".encode(),
    )


def _find(shop: Shop, id: int) -> Row:
    if id not in shop.orders:
        raise missing(f"order {id}")
    return shop.orders[id]


def _open(shop: Shop, id: int) -> Row:
    order = _find(shop, id)
    if order["status"] != "open":
        raise Refused(409, "already_paid", f"Order {id} is paid already.")
    return order


def _priced(order: Row) -> Row:
    price = PRODUCTS[order["product_id"] - 1]["price"]
    return {**order, "total": round(float(str(price)) * order["quantity"], 2)}


def _problems(sent: dict[str, Any]) -> dict[str, str]:
    fields = {}
    quantity = sent.get("quantity")
    if type(quantity) is not int:  # True is an int, and no quantity
        fields["quantity"] = "must be a whole number"
    elif not 1 <= quantity <= 99:
        fields["quantity"] = "must be from 1 to 99"
    note = sent.get("note", "")
    if not isinstance(note, str) or len(note) > 200:
        fields["note"] = "must be a text of at most 200 characters"
    return fields
