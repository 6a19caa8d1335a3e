"""Redaction of documents as Finesse sends them: XML element by element, JSON value by value, other text as a whole."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator

from mcp_finesse.errors import PayloadError
from mcp_finesse.model.xml import Element, local_name, parse, to_bytes
from mcp_finesse.numbers import parse_json
from mcp_finesse.redaction import REDACTED, Redaction


def redact_document(text: str, redaction: Redaction) -> str:
    """Return the redacted document. A document without values to redact is returned unchanged."""
    begin = text.lstrip("\ufeff \t\r\n")[:1]  # a byte order mark may come before the document
    if begin == "<":
        return _redact_xml(text, redaction)
    if begin in ("{", "["):
        try:
            data = parse_json(text.lstrip("\ufeff"))
        except ValueError:
            return _redact_malformed(text, redaction)
        shown = redaction.data(data)
        return text if shown is data else json.dumps(shown, ensure_ascii=False)
    return _redact_malformed(text, redaction)


def _redact_xml(text: str, redaction: Redaction) -> str:
    try:
        root = parse(text)
    except PayloadError:
        return _redact_malformed(text, redaction)
    changed = [_redact_element(element, redaction) for element in root.iter()]
    return to_bytes(root).decode() if any(changed) else text


def _redact_element(element: Element, redaction: Redaction) -> bool:
    """Redact the text and the attributes of an element, and the values of its variables. Return whether it changed."""
    before = [element.text, element.tail, *element.attrib.values(), *(child.text for child in element)]
    name = local_name(element.tag)
    if element.text:
        element.text = redaction.field(name, element.text)
    if element.tail and not element.tail.isspace():
        element.tail = redaction.text(element.tail)
    for attribute, value in element.attrib.items():
        element.attrib[attribute] = redaction.field(local_name(str(attribute)), str(value))
    if any(redaction.hides(each) for each in _texts_of(element, "name")):
        for child in element:
            if local_name(child.tag) == "value" and (child.text or len(child)):
                tail = child.tail
                child.clear()
                child.text, child.tail = REDACTED, tail
    after = [element.text, element.tail, *element.attrib.values(), *(child.text for child in element)]
    return before != after


def _texts_of(element: Element, name: str) -> Iterator[str]:
    return (child.text for child in element if local_name(child.tag) == name and child.text)


def _redact_malformed(text: str, redaction: Redaction) -> str:
    """Redact text that is no document, or XML that cannot be parsed, such as a truncated document.

    If the rules hide call variables, all values of variables are hidden.
    """
    plain = html.unescape(text)
    shown = redaction.text(plain)
    if shown == plain:
        shown = text
    return "".join(_without_values(shown)) if redaction.variables else shown


def _without_values(text: str) -> Iterator[str]:
    lower = text.lower()
    shown = 0
    while (tag := lower.find("<value", shown)) >= 0 and (begin := text.find(">", tag) + 1):
        end = lower.find("</value", begin)
        end = len(text) if end < 0 else end
        yield text[shown:begin]
        yield REDACTED if text[begin:end].strip() else text[begin:end]
        shown = end
    yield text[shown:]
