from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from demo.process import DemoApi
from tests.demo.conftest import Client


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/orders/99", 404, "not_found"),
        ("GET", "/nowhere", 404, "not_found"),
        ("DELETE", "/orders", 405, "method_not_allowed"),
        ("DELETE", "/orders/1", 409, "already_paid"),
        ("POST", "/orders/1/pay", 409, "already_paid"),
        ("GET", "/orders?page=0", 422, "invalid"),
        ("GET", "/orders?status=eaten", 422, "invalid"),
        ("GET", "/products?sort=colour", 422, "invalid"),
        ("GET", "/flaky", 422, "invalid"),
        ("GET", "/slow?ms=99999999", 422, "invalid"),
        ("POST", "/orders", 415, "unsupported_media_type"),
    ],
)
def test_refusals_have_one_shape(
    clerk: Client, method: str, path: str, status: int, code: str
) -> None:
    answer = clerk.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize("path", ["/me", "/orders", "/users", "/users/1"])
def test_pages_of_a_shop_want_a_login(api: DemoApi, path: str) -> None:
    answer = Client(api.url).get(path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_cookie_of_the_login_is_worth_as_much_as_the_token(api: DemoApi) -> None:
    client = Client(api.url)
    client.post("/login", json={"username": "demo", "password": "demo-secret"})
    assert client.get("/me").json()["role"] == "clerk"
    assert client.post("/logout").status_code == 204
    assert client.get("/me").status_code == 401


def test_an_order_lives_from_creation_to_payment(clerk: Client) -> None:
    created = clerk.post("/orders", json={"product_id": 3, "quantity": 2})
    assert created.status_code == 201
    place = created.headers["Location"]
    assert clerk.patch(place, json={"quantity": 4}).json()["quantity"] == 4
    assert clerk.get(place).json()["total"] == 4 * 4.75
    assert clerk.post(f"{place}/pay").json()["status"] == "paid"
    assert clerk.delete(place).status_code == 409
    invoice = clerk.get(f"{place}/invoice")
    assert "attachment" in invoice.headers["Content-Disposition"]
    assert invoice.content.decode().endswith("Total: 19.00 €\n")


def test_what_one_login_changes_no_other_login_sees(api: DemoApi) -> None:
    first, second = Client(api.url), Client(api.url)
    first.log_in()
    second.log_in()
    assert first.delete("/users/1").status_code == 204
    assert first.get("/users/1").status_code == 404
    assert second.get("/users/1").json()["login"] == "ada"


def test_staging_is_another_installation(clerk: Client) -> None:
    assert clerk.get("/health").json()["site"] == "local"
    assert clerk.get("/staging/health").json()["site"] == "staging"
    assert clerk.get("/staging/orders").status_code == 401
    assert clerk.get("/staging/hops/1").headers["Location"] == "/staging/health"
    assert clerk.get("/stagingx").status_code == 404


def test_every_third_flaky_call_fails_for_each_key_alone(clerk: Client) -> None:
    def calls(key: str) -> list[int]:
        return [clerk.get(f"/flaky?key={key}").status_code for _ in range(6)]

    assert calls("one") == calls("other") == [200, 200, 503, 200, 200, 503]


def test_a_product_that_is_known_is_not_sent_again(clerk: Client) -> None:
    tag = clerk.get("/products/7").headers["ETag"]
    again = clerk.get("/products/7", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert clerk.get("/products/7").status_code == 200  # the connection still works


def test_pages_link_to_their_neighbours(clerk: Client) -> None:
    answer = clerk.get("/products?page=2&per_page=10")
    assert [row["id"] for row in answer.json()["items"]] == list(range(11, 21))
    assert answer.links["prev"]["url"] == "/products?page=1&per_page=10"
    assert answer.links["next"]["url"] == "/products?page=3&per_page=10"


def test_head_and_options_have_no_body(clerk: Client) -> None:
    head = clerk.head("/products")
    assert head.content == b""
    assert int(head.headers["Content-Length"]) > 0
    assert clerk.options("/orders/1").headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"


def test_files_are_csv_xml_and_a_picture(clerk: Client) -> None:
    assert len(clerk.get("/files/products.csv").content.splitlines()) == 31
    assert clerk.get("/files/products.csv").headers["Content-Encoding"] == "gzip"
    assert clerk.get("/products.xml").text.startswith("<?xml")
    assert clerk.get("/files/logo.png").content[:4] == b"\x89PNG"


def test_a_form_keeps_its_order_and_empty_fields(clerk: Client) -> None:
    answer = clerk.post("/search", data=[("b", ""), ("a", "1"), ("b", "2")])
    assert answer.json()["fields"] == [["b", ""], ["a", "1"], ["b", "2"]]


def test_a_body_that_is_too_large_is_refused_unread(clerk: Client) -> None:
    announced = requests.Request("POST", f"{clerk.base_url}/orders").prepare()
    announced.headers["Content-Length"] = "2000000"
    assert clerk.send(announced, timeout=10).status_code == 413
    assert clerk.get("/health").status_code == 200


def test_forty_askers_at_once_are_all_answered(clerk: Client) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(40) as pool:
        answers = list(
            pool.map(
                lambda _: requests.get(f"{clerk.base_url}/slow?ms=300", timeout=20),
                range(40),
            )
        )
    assert [answer.status_code for answer in answers] == [200] * 40
    assert time.monotonic() - began < 0.3 * 3 + 2


def test_a_taken_port_is_one_sentence(api: DemoApi) -> None:
    port = int(api.url.rpartition(":")[2])
    with pytest.raises(RuntimeError, match=f"cannot listen on port {port}"):
        DemoApi(port).__enter__()


def test_it_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import time; from demo.process import DemoApi\n"
            "with DemoApi() as api: print(api.pid, flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout
    child = os.pidfd_open(int(parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    parent.communicate(timeout=5)
    assert _ended(child, within_s=2 + 3)


def _ended(pidfd: int, within_s: float) -> bool:
    """Whether the process behind the descriptor ends in time."""
    try:
        return bool(select.select([pidfd], [], [], within_s)[0])
    finally:
        os.close(pidfd)
