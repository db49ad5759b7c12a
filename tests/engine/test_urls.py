from __future__ import annotations

import pytest

from cases.engine import urls
from cases.engine.errors import BadSpec


@pytest.mark.parametrize(
    ("base", "url", "joined"),
    [
        ("http://h", "/a", "http://h/a"),
        ("http://h/", "/a", "http://h/a"),
        ("http://h/api", "/a", "http://h/api/a"),
        ("http://h/api/", "a", "http://h/api/a"),
        ("http://h/api", "", "http://h/api"),
        ("http://h/api", "?q=1", "http://h/api?q=1"),
        ("http://h/api", "//a", "http://h/api//a"),
        ("http://h/api", "../a", "http://h/api/../a"),
        ("http://h", "https://other/a", "https://other/a"),
        ("", "http://other/a", "http://other/a"),
    ],
)
def test_joining_is_concatenation_with_one_slash(base: str, url: str, joined: str) -> None:
    assert urls.join(base, url) == joined


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("http://h/a?sign=1", "http://h/a"),
        ("http://h/a?b=%2F&sign=1&c", "http://h/a?b=%2F&c"),
        ("http://h/a?si%67n=1&b=+&sign#sign=2", "http://h/a?b=+#sign=2"),
        ("http://h/a?signs=1&&b=sign", "http://h/a?signs=1&&b=sign"),
        ("http://h/sign=1", "http://h/sign=1"),
        ("http://h/a?", "http://h/a?"),
    ],
)
def test_parameters_are_taken_out_by_name(url: str, left: str) -> None:
    assert urls.without_params(url, {"sign"}) == left


@pytest.mark.parametrize(
    ("url", "params", "filled"),
    [
        ("/users/{id}", {"id": "5"}, "/users/5"),
        ("/users/:id/x", {"id": "5"}, "/users/5/x"),
        ("/:id?at=:id#{id}", {"id": "5"}, "/5?at=:id#{id}"),
        ("/{a}-{b}.json", {"a": "1", "b": "{a}"}, "/1-%7Ba%7D.json"),
        ("/files/{path}", {"path": "a/b ü?#"}, "/files/a%2Fb%20%C3%BC%3F%23"),
        ("/{a}/{b}", {"a": "1"}, "/1/{b}"),
        ("http://h:80/items:all/:n", {"n": "1"}, "http://h:80/items:all/1"),
    ],
)
def test_path_variables_are_one_segment_each(
    url: str, params: dict[str, str], filled: str
) -> None:
    assert urls.with_path_params(url, params) == filled


@pytest.mark.parametrize(
    ("url", "params", "sentence"),
    [
        ("/a", {"id": "5"}, "Path variable id is not in the URL: write {id} or :id."),
        ("/a?q=:id", {"id": "5"}, "Path variable id is not in the URL"),
        ("/{id}", {"id": ""}, "Path variable id is empty."),
    ],
)
def test_a_path_variable_that_cannot_be_filled_in_is_refused(
    url: str, params: dict[str, str], sentence: str
) -> None:
    with pytest.raises(BadSpec) as error:
        urls.with_path_params(url, params)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("url", "params", "expected"),
    [
        ("/a", [], "/a"),
        ("/a", [("q", "1"), ("q", "2")], "/a?q=1&q=2"),
        ("/a?x=1", [("q", "")], "/a?x=1&q="),
        ("/a?", [("q", "1")], "/a?q=1"),
        ("/a#f", [("q", "1")], "/a?q=1#f"),
        ("/a", [("ü &=", "a/b+c %41")], "/a?%C3%BC%20%26%3D=a%2Fb%2Bc%20%2541"),
    ],
)
def test_params_are_appended_in_order(
    url: str, params: list[tuple[str, str]], expected: str
) -> None:
    assert urls.with_params(url, params) == expected


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://h", "http://h/"),
        ("HTTP://Host.Example/Path", "http://host.example/Path"),
        ("http://h:8080?q", "http://h:8080/?q"),
        ("http://[::1]:80/a", "http://[::1]:80/a"),
        ("http://bücher.example/ü", "http://xn--bcher-kva.example/%C3%BC"),
        ("http://user:pw@h/a", "http://h/a"),
        ("  http://h/a  ", "http://h/a"),
        ("http://h/a\r\nX: 1", "http://h/a%0D%0AX:%201"),
    ],
)
def test_an_absolute_url_is_made_sendable(url: str, sent: str) -> None:
    assert urls.parse(url).text == sent


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "There is no URL"),
        ("/a", "is relative, and the environment has no base URL"),
        ("localhost:8000/a", "is relative"),
        ("ftp://h/a", "has the scheme ftp; only http and https are sent"),
        ("file:///etc/passwd", "only http and https"),
        ("http://", "no valid host or port"),
        ("http:///a", "no valid host or port"),
        ("http://a b/", "no valid host or port"),
        ("http://a\x00b/", "no valid host or port"),
        ("http://a%2eb/", "no valid host or port"),
        ("http://h:port/", "no valid host or port"),
        ("http://h:99999/", "ports go from 1 to 65535"),
        ("http://h:0/", "ports go from 1 to 65535"),
        ("http://[::1/", "no valid host or port"),
        ("http://h\r\nX: 1/", "no valid host or port"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(url: str, words: str) -> None:
    with pytest.raises(BadSpec, match=words):
        urls.parse(url)


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://h/", "h"),
        ("http://h:80/", "h"),
        ("https://h:443/", "h"),
        ("https://h:80/", "h:80"),
        ("http://h:8080/", "h:8080"),
    ],
)
def test_the_host_header_has_no_port_of_its_own_scheme(url: str, authority: str) -> None:
    assert urls.parse(url).authority == authority
