"""Parsing and writing of XML. Outside the simulator, only this module uses lxml.

Parsing is hardened. A DTD is rejected, entities are not expanded, no external data is fetched, and size and
depth are limited. Comparisons of names ignore the namespace and the case of the first letter, because REST
capitalizes object names and notifications do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from lxml import etree

from mcp_finesse.errors import InvalidRequestError, PayloadError

Element: TypeAlias = etree._Element

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64
MAX_TAGS = 100_000
"""Maximum tags of a document. Parsing takes up to 4 us per tag and must not block the event loop for 500 ms."""

_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_BYTES_PARSER = etree.XMLParser(**_OPTIONS)
# A str is already decoded, so the encoding in its XML declaration no longer applies.
_TEXT_PARSER = etree.XMLParser(encoding="utf-8", **_OPTIONS)

# The cache is bounded, because the names come from the server.
_LOCAL_NAMES: dict[str, str] = {}
_LOCAL_NAMES_LIMIT = 4096


def parse(source: bytes | str, max_tags: int = MAX_TAGS) -> Element:
    """Parse an XML document and return its root element. Comments and processing instructions are dropped.

    Raises:
        PayloadError: the document is empty, larger than ``MAX_BYTES`` or ``max_tags``, not well-formed, or has a DTD.
    """
    if isinstance(source, str):
        data, parser = _encode(source), _TEXT_PARSER
    else:
        data, parser = source, _BYTES_PARSER
    if len(data) > MAX_BYTES:
        raise PayloadError(f"An XML document of {len(data)} bytes is larger than the limit of {MAX_BYTES}.")
    if data.count(b"<") > max_tags:
        raise PayloadError(f"An XML document of more than {max_tags} tags exceeds the limit.")
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PayloadError(f"Not well-formed XML: {_reason(error)}.") from error
    # A str was encoded as UTF-8 above, so its bytes can be searched for the keyword. Bytes that did not come
    # from a str may have any encoding.
    if (parser is _BYTES_PARSER or b"<!DOCTYPE" in data) and _doctype(root):
        raise PayloadError("The XML declares a document type, which is not allowed.")
    return root


def local_name(tag: str) -> str:
    """Return a name without namespace and with a lower-case first letter (``apiErrors`` for ``{urn:x}ApiErrors``)."""
    name = _LOCAL_NAMES.get(tag)
    if name is None:
        bare = tag.rpartition("}")[2]
        name = bare[:1].lower() + bare[1:]
        if len(_LOCAL_NAMES) < _LOCAL_NAMES_LIMIT:
            _LOCAL_NAMES[tag] = name
    return name


def text_of(element: Element) -> str | None:
    """Return the text of an element, or None if it is empty or blank. Missing text and empty text mean the same."""
    text = element.text
    return None if text is None or text.isspace() else text


def to_bytes(element: Element) -> bytes:
    """Serialize an element without its tail text. Equal elements give equal bytes."""
    written: bytes = etree.tostring(element, encoding="utf-8", with_tail=False)
    return written


def to_mapping(element: Element, depth: int = MAX_DEPTH) -> Any:
    """Convert an element to plain Python data: a dict of its children, or its text, or None if it is empty.

    A repeated name becomes a list. Attributes are dropped, because Finesse's API has no relevant attributes.

    Raises:
        PayloadError: the element is nested deeper than ``MAX_DEPTH``.
    """
    if not len(element):
        return text_of(element)
    if depth <= 0:
        raise PayloadError(f"The XML is nested deeper than {MAX_DEPTH} levels.")
    mapping: dict[str, Any] = {}
    repeated: set[str] = set()
    for child in element:
        name, value = local_name(child.tag), to_mapping(child, depth - 1)
        if name not in mapping:
            mapping[name] = value
        elif name in repeated:
            mapping[name].append(value)
        else:
            repeated.add(name)
            mapping[name] = [mapping[name], value]
    return mapping


def build(name: str, content: Mapping[str, Any]) -> bytes:
    """Write a request body as UTF-8 without an XML declaration. Child elements are written in the order of the mapping.

    A mapping becomes a nested element. A list repeats its element. Booleans are written in lower case. None is
    omitted. Names are written as given, because Finesse is case-sensitive.

    Raises:
        InvalidRequestError: a value contains a character that XML does not allow.
    """
    root = etree.Element(name)
    _fill(root, content)
    return etree.tostring(root, encoding="utf-8")


def _fill(parent: Element, content: Mapping[str, Any]) -> None:
    for name, value in content.items():
        many = isinstance(value, Sequence) and not isinstance(value, str)
        for one in value if many else (value,):
            if one is None:
                continue
            child = etree.SubElement(parent, name)
            if isinstance(one, Mapping):
                _fill(child, one)
            else:
                _set_text(child, one)


def _set_text(element: Element, value: object) -> None:
    text = ("false", "true")[value] if isinstance(value, bool) else str(value)
    try:
        element.text = text
    except ValueError as error:
        raise InvalidRequestError(
            f"{element.tag} contains a control character, which XML does not allow.",
            advice="Remove the control character and try again.",
        ) from error


def _encode(source: str) -> bytes:
    try:
        return source.encode()
    except UnicodeEncodeError as error:
        raise PayloadError("Not well-formed XML: half of a surrogate pair.") from error


def _doctype(root: Element) -> str:
    docinfo: Any = root.getroottree().docinfo
    return str(docinfo.doctype)


def _reason(error: Exception) -> str:
    return str(error).partition(" (<string>")[0].rstrip(".") or "empty"
