"""XML for the simulator. Parsing is hardened against malicious input, and building escapes text properly."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

from mcp_finesse.simulator.errors import ApiProblem, bad_request

MAX_BODY_BYTES = 256 * 1024

MAX_INTEGER = 2**31 - 1
_INTEGER_DIGITS = 10
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters not allowed in XML 1.0 (the complement of its production 2, Char)."""

Element = etree._Element
Content = str | int | None | Iterable[Element]


def element(name: str, content: Content = None) -> Element:
    """Return an element with text or children. Characters that XML does not allow become ``?``."""
    node = etree.Element(name)
    if isinstance(content, str | int):
        node.text = _NOT_IN_XML.sub("?", str(content)) or None
    elif content is not None:
        node.extend(list(content))
    return node


def to_text(node: Element) -> str:
    """Serialize the element without an XML declaration."""
    return etree.tostring(node, encoding="unicode")


class Body:
    """The body of a request. Names are case-sensitive. If an element is repeated, the last is used (guide p.241)."""

    def __init__(self, root: Element) -> None:
        self._root = root

    def text(self, name: str) -> str:
        """Return the stripped text of a child element. Empty if the child is absent or empty."""
        found = self._root.findall(name)
        return (found[-1].text or "").strip() if found else ""

    @property
    def own_text(self) -> str:
        """The stripped text of the element itself."""
        return (self._root.text or "").strip()

    def has(self, name: str) -> bool:
        """Return whether the child element exists, even if it is empty."""
        return self._root.find(name) is not None

    def children(self, path: str) -> list[Body]:
        """Return the elements at a path of names."""
        return [Body(node) for node in self._root.findall(path)]


def whole_number(text: str, least: int, most: int) -> int | None:
    """Parse an Integer in a request (guide p.9). Return ``None`` for other text, or for numbers outside the limits."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _INTEGER_DIGITS):
        return None
    number = int(text)
    return number if least <= number <= most else None


def read_body(payload: bytes, name: str, limit: int = MAX_BODY_BYTES) -> Body:
    """Parse a request body whose root element must be ``name``.

    Raises:
        ApiProblem: the error Bad Request, if the body is empty, too large or malformed, or has a DTD or another
            root element.
    """
    if len(payload) > limit:
        raise bad_request("Request body is too large")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(payload, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise bad_request("Request body is not valid XML") from problem
    if root.getroottree().docinfo.internalDTD is not None or root.tag != name:
        raise bad_request(f"Request body is not a {name}")
    return Body(root)


def api_errors(refusal: ApiProblem) -> str:
    """Return the XML error envelope of a REST response."""
    details = refusal.details
    detail = [
        element("ErrorData", details.data),
        *([element("ErrorMedia", details.media)] if details.media else []),
        element("ErrorMessage", details.message),
        element("ErrorType", details.type),
    ]
    return to_text(element("ApiErrors", [element("ApiError", detail)]))
