"""XML and HTML asked by XPath and CSS: values, namespaces, and what hostile ones may not do."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from cases.engine.errors import BadSpec, CannotJudge, EngineError
from cases.engine.markup import Document, compile_css, compile_xpath, read_html, read_xml
from cases.engine.patterns import Nothing

FEED = read_xml(
    b"""<?xml version="1.0"?>
<feed xmlns="urn:feed" n="2">
  <entry id="1"><title>A &amp; B</title><m:size xmlns:m="urn:media">5</m:size></entry>
  <entry id="2"><title><b>bold</b> text</title><!-- a comment --></entry>
</feed>"""
)
PAGE = read_html(
    """<html><body><ul><li class="a b">one<li id=two><a href="/u?a=1&amp;b">two</a></ul>
    <p>K\N{LATIN SMALL LETTER O WITH DIAERESIS}ln <b>x</b><script>var a = "</p>";</script>"""
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("//_:entry[1]/_:title", "A & B"),
        ("//_:entry/@id", ["1", "2"]),
        ("//_:title", ["A & B", "bold text"]),
        ("count(//_:entry)", 2),
        ("sum(//_:entry/@id) div 2", 1.5),
        ("string(/_:feed/@n)", "2"),
        ("//_:entry[@id='2']/_:title/_:b/text()", "bold"),
        ("boolean(//_:entry)", True),
        ("//m:size", "5"),
        ("//*[local-name()='size']", "5"),
        ("//entry", Nothing),
        ("number('x')", Nothing),
        ("//x:size", CannotJudge),
        ("nope()", CannotJudge),
        ("//_:entry[", BadSpec),
        ("//_:entry | ", BadSpec),
        ("/" * 1_001, BadSpec),
    ],
)
def test_xpath(path: str, expected: Any) -> None:
    answered(lambda: FEED.xpath(path), expected)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("li", ["one", "two"]),
        ("li.a.b", "one"),
        ("#two > a", "two"),
        ("a::attr(href)", "/u?a=1&b"),
        ("li:nth-child(2)", "two"),
        ("ul li:has(a), p b", ["two", "x"]),
        ("LI:first-child", "one"),
        ("h1", Nothing),
        ("a::attr(title)", Nothing),
        ("a::text", BadSpec),
        ("a::attr(href), b", BadSpec),
        ("li[", BadSpec),
        ("", BadSpec),
    ],
)
def test_css(selector: str, expected: Any) -> None:
    answered(lambda: PAGE.css(selector), expected)


def answered(ask: Any, expected: Any) -> None:
    if isinstance(expected, type) and issubclass(expected, EngineError):
        with pytest.raises(expected):
            ask()
    elif expected is Nothing:
        assert isinstance(ask(), Nothing)
    else:
        assert ask() == expected
        assert type(ask()) is type(expected)


@pytest.mark.parametrize(("check", "bad"), [(compile_xpath, "//a["), (compile_css, "a[")])
def test_a_form_refuses_what_cannot_be_read(check: Any, bad: str) -> None:
    with pytest.raises(BadSpec, match="is not valid"):
        check(bad)


# --- hostile documents ------------------------------------------------------------------

LAUGHS = b"".join(
    b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(9)
)


def test_a_billion_laughs_are_not_laughed() -> None:
    bomb = b'<!DOCTYPE l [<!ENTITY a "lol">' + LAUGHS + b"]><l>&j;</l>"
    began = time.monotonic()
    try:
        text = read_xml(bomb).xpath("string(/l)")
    except ValueError:
        text = ""
    assert len(text) < 1_000
    assert time.monotonic() - began < 3 * 0.1 + 2


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret")
    for kind in ("ENTITY a SYSTEM", "ENTITY % a SYSTEM"):
        use = "%a;" if "%" in kind else ""
        bomb = f'<!DOCTYPE l [<!{kind} "file://{secret}">{use}]><l>&a;</l>'
        try:
            found = read_xml(bomb.encode()).xpath("string(/l)")
        except ValueError as error:
            found = str(error)
        assert "top secret" not in str(found)


def test_a_document_type_on_another_machine_is_not_fetched(target: Any) -> None:
    page = f'<!DOCTYPE l SYSTEM "{target.url}/dtd"><l>text</l>'
    assert read_xml(page.encode()).xpath("string(/l)") == "text"
    assert not target.requests


@pytest.mark.parametrize(
    ("read", "data"),
    [
        (read_xml, b"<a>" * 100_000),
        (read_xml, b"<a>" * 100_000 + b"</a>" * 100_000),
        (read_xml, b"\x00\xff"),
        (read_xml, b""),
        (read_xml, b"<a>\xff</a>"),
        (read_html, ""),
        (read_html, "\x00"),
    ],
)
def test_what_is_no_document_says_so(read: Any, data: Any) -> None:
    with pytest.raises(ValueError, match="it is not"):
        read(data)


def test_html_that_is_deep_is_read_as_far_as_it_goes() -> None:
    assert isinstance(read_html("<div>" * 100_000 + "x").css("div"), list)


def test_a_document_that_is_too_large_is_an_error() -> None:
    with pytest.raises(CannotJudge, match="more than 5000000 bytes"):
        read_xml(b"<a>" + b"x" * 5_000_000 + b"</a>")


WIDE = "<r>" + "".join(f"<a id='{n}'><b>x{n}</b></a>" for n in range(10_000)) + "</r>"


@pytest.fixture(scope="module")
def wide() -> Document:
    return read_xml(WIDE.encode())


@pytest.mark.parametrize(
    "path",
    [
        "//*[count(//b) > 5]",
        "//a[../a[@id = '7']]",
        "//following::*/following::*",
        "//*[preceding::b]",
        "//a[b[count(//a) > 1]]",
        "//a[count(preceding-sibling::*) = 4 and count(following-sibling::*) > 1]",
        "//a[/r/a[last()]]",
        "//*[//a/@id = '1'][//b]",
        "//r//a//b[. = 'x7']",
        "//a/following-sibling::a",
    ],
)
def test_a_path_that_would_take_minutes_is_refused(wide: Document, path: str) -> None:
    began = time.monotonic()
    with pytest.raises(CannotJudge, match="would take too long"):
        wide.xpath(path)
    assert time.monotonic() - began < 3 * 0.1 + 2


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("//a[@id = '7']/b", "x7"),
        ("//a[b/text() = 'x7']/@id", "7"),
        ("//a[b[text() = 'x7']]/@id", "7"),
        ("//a[contains(@id, '999')][last()]/@id", "9999"),
        ("(//b)[last()]", "x9999"),
        ("//r/a/b[. = 'x7']", "x7"),
        ("count(//r//a)", 10_000),
        ("count(//a[b])", 10_000),
    ],
)
def test_a_path_that_is_quick_is_asked(wide: Document, path: str, expected: Any) -> None:
    began = time.monotonic()
    assert wide.xpath(path) == expected
    assert time.monotonic() - began < 3 * 0.5 + 2
