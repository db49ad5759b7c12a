"""XML and HTML of answers, asked by XPath 1.0 or CSS: no entities, bounded in size and time.

libxml2 sets no limit on the time of a query, and some need a time that grows with the square
of the document: xpath_cost.py refuses those before they are asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from cssselect import GenericTranslator, HTMLTranslator, SelectorError
from cssselect.parser import Selector
from cssselect.parser import parse as parse_css
from lxml import etree

from cases.engine.errors import BadSpec, CannotJudge
from cases.engine.jsonpaths import MOST_NODES
from cases.engine.patterns import Nothing
from cases.engine.xpath_cost import check_cost

LONGEST_DOCUMENT = 5_000_000  # bytes: its tree takes many times as much
LONGEST_RESULT = 20_000_000  # characters
LONGEST_PATH = 1_000
DEFAULT_PREFIX = "_"  # what a document's default namespace is called in an XPath


class Document:
    """A parsed document. Paths are compiled for each question: it takes microseconds."""

    def __init__(self, root: Any, *, is_html: bool) -> None:
        self._root = root
        self._is_html = is_html

    def xpath(self, path: str) -> Any:
        """One node: its text. Several: a list. Or the number, text or truth of the path."""
        compile_xpath(path)
        check_cost(path, self._root)
        return self._value(path, self._ask(path))

    def css(self, selector: str) -> Any:
        """The text of the elements, or of an attribute: `a::attr(href)`."""
        translator = HTMLTranslator() if self._is_html else GenericTranslator()
        paths, attribute = _translated(selector, translator)
        check_cost(paths, self._root)
        found = self._ask(paths)
        if attribute is not None:
            values = (element.get(attribute) for element in found)
            found = [value for value in values if value is not None]
        return self._value(selector, found)

    def _ask(self, path: str) -> Any:
        try:
            return self._evaluate(path, self._root.nsmap)
        except etree.XPathEvalError as error:
            if "namespace prefix" not in str(error):
                raise CannotJudge(f"XPath {path!r} cannot be followed: {error}.") from None
        # Declared deeper in the document than on its first element.
        declared: dict[str | None, str] = {}
        for element in self._root.iter(etree.Element):
            declared = {**element.nsmap, **declared}
        try:
            return self._evaluate(path, declared)
        except etree.XPathEvalError as error:
            raise CannotJudge(f"XPath {path!r} cannot be followed: {error}.") from None

    def _evaluate(self, path: str, declared: dict[str | None, str]) -> Any:
        names = {prefix or DEFAULT_PREFIX: uri for prefix, uri in declared.items()}
        try:
            return etree.XPath(path, namespaces=names, regexp=False, smart_strings=False)(
                self._root
            )
        except etree.XPathError as error:
            raise etree.XPathEvalError(str(error).rstrip(".")) from None

    def _value(self, path: str, found: Any) -> Any:
        if isinstance(found, float):
            if found != found:
                return Nothing(f"{path} is not a number")
            return int(found) if found.is_integer() else found
        if not isinstance(found, list):
            return found
        if not found:
            return Nothing(f"nothing found at {path}")
        if len(found) > MOST_NODES:
            raise CannotJudge(f"{path!r} finds more than {MOST_NODES} values.")
        texts = list(_texts(path, found))
        return texts[0] if len(texts) == 1 else texts


def read_text(text: str) -> Document:
    """XML if it is well-formed, else HTML. Raises ValueError."""
    data = text.encode("utf-8", "replace")
    try:
        return read_xml(data, "utf-8")
    except ValueError:
        return read_html(text)


def read_xml(data: bytes, charset: str | None = None) -> Document:
    """Without a charset the document says its own. Raises ValueError with a short reason."""
    _check_size(len(data))
    parser = etree.XMLParser(
        encoding=charset,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(data.strip(), parser)
    except (etree.XMLSyntaxError, LookupError, ValueError) as error:
        raise ValueError(f"it is not XML ({_reason(error)})") from None
    return Document(root, is_html=False)


def read_html(text: str) -> Document:
    """Reads whatever a browser would. Raises ValueError where there is nothing to read."""
    _check_size(len(text))
    data = text.replace("\x00", "").encode("utf-8", "replace")
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ValueError(f"it is not HTML ({_reason(error)})") from None
    if root is None:
        raise ValueError("it is not HTML (it is empty)")
    return Document(root, is_html=True)


@lru_cache(maxsize=4096)
def compile_xpath(path: str) -> None:
    """Raises BadSpec for what is no XPath."""
    if len(path) > LONGEST_PATH:
        raise BadSpec(f"An XPath may have {LONGEST_PATH} characters, not {len(path)}.")
    try:
        etree.XPath(path, regexp=False)
    except (etree.XPathError, ValueError) as error:
        raise BadSpec(f"XPath {path!r} is not valid: {_reason(error)}.") from None


@lru_cache(maxsize=4096)
def compile_css(selector: str) -> None:
    """Raises BadSpec for what is no CSS selector."""
    _translated(selector, HTMLTranslator())


def _translated(selector: str, translator: GenericTranslator) -> tuple[str, str | None]:
    """The XPath of a selector, and the attribute it ends in."""
    if len(selector) > LONGEST_PATH:
        raise BadSpec(f"A CSS selector may have {LONGEST_PATH} characters.")
    try:
        parsed = parse_css(selector)
        path = " | ".join(translator.selector_to_xpath(one) for one in parsed)
        attributes = {_attribute(one) for one in parsed}
    except (SelectorError, RecursionError, ValueError) as error:
        raise BadSpec(f"CSS selector {selector!r} is not valid: {_reason(error)}.") from None
    if len(attributes) > 1:
        raise BadSpec(f"CSS selector {selector!r} ends in more than one attribute.")
    return path, attributes.pop()


def _attribute(selector: Selector) -> str | None:
    element: Any = selector.pseudo_element
    if element is None:
        return None
    if getattr(element, "name", "") == "attr" and len(element.arguments) == 1:
        name: str = element.arguments[0].value
        return name
    raise ValueError("of pseudo-elements only ::attr(name) is known")


def _texts(path: str, nodes: list[Any]) -> Iterator[str]:
    """What XPath calls the string-value of each."""
    length = 0
    for node in nodes:
        text = node if isinstance(node, str) else _string(node)
        length += len(text)
        if length > LONGEST_RESULT:
            raise CannotJudge(f"{path!r} finds more than {LONGEST_RESULT} characters.")
        yield text


def _string(node: Any) -> str:
    text: str = etree.tostring(node, method="text", encoding="unicode", with_tail=False)
    return text


def _check_size(length: int) -> None:
    if length > LONGEST_DOCUMENT:
        raise CannotJudge(
            f"A document of more than {LONGEST_DOCUMENT} bytes is not read as XML or HTML."
        )


def _reason(error: Exception) -> str:
    return str(error).split("\n", 1)[0].replace(" (<string>, line", " (line").rstrip(".")
