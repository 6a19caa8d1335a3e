"""Fields of configuration objects, with the values that a request may set and the errors for all other values.

The limits are those of the guide's parameter tables (p.205 to 328). If an element is repeated, the last
occurrence is used (p.241). Unknown elements are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lxml import etree

from mcp_finesse.simulator.errors import invalid_input, parameter_missing
from mcp_finesse.simulator.xml_text import Element, element, whole_number

Check = Callable[[str, Sequence[Element]], list[Element]]
"""Validates the elements of one name in a request, and returns those to store. Raises ``ApiProblem``."""

Parts = dict[str, list[Element]]
"""The elements of an object by name."""

_HOST = re.compile(r"[A-Za-z0-9.\-]*")


@dataclass(frozen=True, slots=True)
class Field:
    """One XML element of a configuration object.

    Attributes:
        name: the name of the element.
        check: validates the content.
        required: whether the element is required to create an object.
        fixed: whether the element cannot be changed after creation.
    """

    name: str
    check: Check
    required: bool = False
    fixed: bool = False


def take(fields: Sequence[Field], body: Element, creating: bool = True) -> Parts:
    """Validate the fields of a request and return them.

    Raises:
        ApiProblem: the error Parameter Missing or Invalid Input, with the name of the field.
    """
    parts: Parts = {}
    for field in fields:
        sent = body.findall(field.name)
        if sent and field.fixed and not creating:
            raise invalid_input(field.name)
        if sent:
            parts[field.name] = field.check(field.name, sent)
        elif field.required and creating:
            raise parameter_missing(field.name)
    return parts


def text(most: int = 4000, least: int = 0) -> Check:
    """Accept text that has ``least`` to ``most`` characters after stripping."""
    return _check_from(lambda value: least <= len(value) <= most)


def utf8(most: int) -> Check:
    """Accept non-empty text of at most ``most`` bytes."""
    return _check_from(lambda value: 0 < len(value.encode()) <= most)


def number(least: int, most: int) -> Check:
    """Accept digits with a value from ``least`` to ``most``."""
    return _check_from(lambda value: whole_number(value, least, most) is not None)


def choice(*choices: str) -> Check:
    """Accept one of the given values."""
    return _check_from(lambda value: value in choices)


def host(may_be_empty: bool = False) -> Check:
    """Accept letters, digits, full stops and hyphens."""
    return _check_from(lambda value: _HOST.fullmatch(value) is not None and (may_be_empty or value != ""))


def https_url(may_be_empty: bool = False) -> Check:
    """Accept an https URL."""
    return _check_from(lambda value: value.startswith("https://") or (may_be_empty and value == ""))


def layout_xml() -> Check:
    """Accept a desktop layout: XML with the root element ``finesseLayout``."""
    return _check_from(_is_layout)


def nested(*fields: Field) -> Check:
    """Accept an element with child elements. A change replaces all child elements."""

    def check(name: str, sent: Sequence[Element]) -> list[Element]:
        return [_copied(name, take(fields, sent[-1]))]

    return check


def items(item: str, most: int, *fields: Field, least: int = 0) -> Check:
    """Return a check for a list, which is an element that contains ``least`` to ``most`` elements named ``item``."""

    def check(name: str, sent: Sequence[Element]) -> list[Element]:
        return [_copied(name, {item: _items(name, item, sent[-1], fields, least, most)})]

    return check


def repeated(item: str, most: int, most_items: int, *fields: Field) -> Check:
    """Accept several lists with the same element name, such as the columns of a layout. Order identifies them."""

    def check(name: str, sent: Sequence[Element]) -> list[Element]:
        if len(sent) > most:
            raise invalid_input(name)
        return [_copied(name, {item: _items(name, item, each, fields, 0, most_items)}) for each in sent]

    return check


def _items(
    name: str, item: str, node: Element, fields: Sequence[Field], least: int, most: int
) -> list[Element]:
    found = node.findall(item)
    if not least <= len(found) <= most:
        raise invalid_input(name)
    return [_copied(item, take(fields, each)) for each in found]


def _copied(name: str, parts: Parts) -> Element:
    return element(name, [node for nodes in parts.values() for node in nodes])


def _check_from(valid: Callable[[str], bool]) -> Check:
    def check(name: str, sent: Sequence[Element]) -> list[Element]:
        value = (sent[-1].text or "").strip()
        if len(sent[-1]) or not valid(value):
            raise invalid_input(name)
        return [element(name, value)]

    return check


def _is_layout(value: str) -> bool:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(value.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return False
    return root.getroottree().docinfo.internalDTD is None and root.tag.rpartition("}")[2] == "finesseLayout"


boolean = choice("true", "false")
