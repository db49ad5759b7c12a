"""The catalogue: thirty products that never change, as JSON, XML, CSV and a picture."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import struct
import zlib
from functools import cache
from operator import itemgetter
from xml.etree import ElementTree

from demo.messages import Answer, Request, invalid, missing, reply

_KINDS = {
    "tea": ("Assam", "Darjeeling", "龙井", "Sencha", "Rooibos"),
    "coffee": ("Arabica", "Robusta", "Yirgacheffe", "Mocha", "Decaf"),
    "cup": ("Blue", "Red", "Café", "Glass", "Tin"),
}
PRODUCTS = tuple(
    {
        "id": number,
        "name": f"{name} {kind}{size}",
        "category": kind,
        "price": round(2.5 + number * 0.75, 2),
        "stock": (number * 7) % 20,
    }
    for number, (kind, name, size) in enumerate(
        (
            (kind, name, size)
            for size in ("", " XL")
            for kind, names in _KINDS.items()
            for name in names
        ),
        start=1,
    )
)
_SORTS = ("id", "name", "price", "-id", "-name", "-price")


def index(request: Request) -> Answer:
    """GET /products: filter by category and q, sort, page."""
    rows = list(PRODUCTS)
    if category := request.query.get("category"):
        rows = [row for row in rows if row["category"] == category]
    if wanted := request.query.get("q", "").casefold():
        rows = [row for row in rows if wanted in str(row["name"]).casefold()]
    sort = request.query.get("sort", "id")
    if sort not in _SORTS:
        raise invalid({"sort": f"must be one of {', '.join(_SORTS)}"})
    rows.sort(key=itemgetter(sort.lstrip("-")), reverse=sort.startswith("-"))
    return page(request, rows)


def page(request: Request, rows: list[dict[str, object]]) -> Answer:
    """One page of the rows, with links to its neighbours as RFC 8288 has them."""
    size = request.number("per_page", 10, 1, 100)
    number = request.number("page", 1, 1, 1000)
    pages = max(1, -(-len(rows) // size))
    here = f"{request.site.prefix}{request.path}"
    links = [
        f'<{here}?page={other}&per_page={size}>; rel="{rel}"'
        for rel, other in (("prev", number - 1), ("next", number + 1))
        if 1 <= other <= pages
    ]
    return reply(
        {
            "items": rows[(number - 1) * size : number * size],
            "page": number,
            "pages": pages,
            "total": len(rows),
        },
        headers=(("Link", ", ".join(links)),) if links else (),
    )


def show(request: Request, id: int) -> Answer:
    """GET /products/{id}: 304 if the asker has it already."""
    for product in PRODUCTS:
        if product["id"] == id:
            answer = reply(product)
            return unless_known(request, answer, ("Cache-Control", "max-age=60"))
    raise missing(f"product {id}")


def unless_known(request: Request, answer: Answer, *more: tuple[str, str]) -> Answer:
    """The answer with its ETag, or 304 if If-None-Match names that."""
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
    headers = (("ETag", tag), *more)
    if tag in request.headers.get("If-None-Match", ""):
        return Answer(status=304, headers=headers)
    return Answer(headers=(*answer.headers, *headers), body=answer.body)


def as_xml(request: Request) -> Answer:
    """GET /products.xml."""
    root = ElementTree.Element("products", total=str(len(PRODUCTS)))
    for product in PRODUCTS:
        node = ElementTree.SubElement(root, "product", id=str(product["id"]))
        for key in ("name", "category", "price"):
            ElementTree.SubElement(node, key).text = str(product[key])
    body = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Answer(headers=(("Content-Type", "application/xml"),), body=body)


def as_csv(request: Request) -> Answer:
    """GET /files/products.csv: a download, in gzip for those who take it."""
    headers = [
        ("Content-Type", "text/csv; charset=utf-8"),
        ("Content-Disposition", 'attachment; filename="products.csv"'),
        ("Vary", "Accept-Encoding"),
    ]
    body = _csv()
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers.append(("Content-Encoding", "gzip"))
        body = gzip.compress(body, mtime=0)
    return Answer(headers=tuple(headers), body=body)


@cache
def _csv() -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(PRODUCTS[0]))
    writer.writeheader()
    writer.writerows(PRODUCTS)
    return text.getvalue().encode()


def as_picture(request: Request) -> Answer:
    """GET /files/logo.png: bytes that are not text."""
    answer = Answer(headers=(("Content-Type", "image/png"),), body=_png())
    return unless_known(request, answer)


@cache
def _png(size: int = 16) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    rows = b"".join(b"\0" + bytes((40, 90, 200)) * size for _ in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
