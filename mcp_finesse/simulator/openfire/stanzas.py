"""XML of XMPP. Parses single elements with protection against attacks, and builds elements, stanzas and errors.

XML that is built is plain ``str``. XML that is parsed is ``xml.etree.ElementTree.Element``. Every built stanza
declares its own namespace. RFC 7395 section 3.3.3 requires this, and every other transport allows it.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Mapping
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

CLIENT = "jabber:client"
STREAM = "http://etherx.jabber.org/streams"
STREAM_ERRORS = "urn:ietf:params:xml:ns:xmpp-streams"
STANZA_ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
SESSION = "urn:ietf:params:xml:ns:xmpp-session"
PING = "urn:xmpp:ping"
ROSTER = "jabber:iq:roster"
DISCO_INFO = "http://jabber.org/protocol/disco#info"
DISCO_ITEMS = "http://jabber.org/protocol/disco#items"
PUBSUB = "http://jabber.org/protocol/pubsub"
PUBSUB_ERRORS = "http://jabber.org/protocol/pubsub#errors"
PUBSUB_EVENT = "http://jabber.org/protocol/pubsub#event"
PUBSUB_OWNER = "http://jabber.org/protocol/pubsub#owner"
SHIM = "http://jabber.org/protocol/shim"
DELAY = "urn:xmpp:delay"

_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
MAX_DEPTH = 64  # the maximum nesting depth of one element
_ALPHANUMERIC = string.ascii_letters + string.digits

# For each condition, its type (RFC 6120 section 8.3.3) and its legacy code (XEP-0086). Openfire still writes
# the legacy code.
_CONDITIONS = {
    "bad-request": ("modify", 400),
    "conflict": ("cancel", 409),
    "feature-not-implemented": ("cancel", 501),
    "forbidden": ("auth", 403),
    "item-not-found": ("cancel", 404),
    "not-acceptable": ("modify", 406),
    "not-allowed": ("cancel", 405),
    "not-authorized": ("auth", 401),
    "service-unavailable": ("cancel", 503),
    "unexpected-request": ("wait", 400),
}

# The ampersand is replaced first, because the references for the other characters contain an ampersand.
_SPECIAL_IN_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_SPECIAL_IN_ATTRIBUTE = {**_SPECIAL_IN_TEXT, '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}
# Characters that XML 1.0 does not allow, not even as character references.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class MalformedXmlError(ValueError):
    """The text is not exactly one well-formed element, or contains something that RFC 6120 section 11.1 prohibits."""


class StanzaError(Exception):
    """A request failed, and gets an error stanza as its reply.

    Attributes:
        condition: the defined condition of RFC 6120 section 8.3.3.
        detail: the condition of XEP-0060 (namespace pubsub#errors), or an empty string.
    """

    def __init__(self, condition: str, detail: str = "") -> None:
        super().__init__(f"{condition} {detail}".rstrip())
        self.condition = condition
        self.detail = detail


def parse(text: str | bytes) -> Element:
    """Parse exactly one element, with names in ElementTree's ``{namespace}name`` form.

    Raises:
        MalformedXmlError: the text is not one well-formed element, has more than 64 nested levels, or contains
            a DTD, a comment or a processing instruction.
    """
    builder = TreeBuilder()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise MalformedXmlError("nested too deeply")
        builder.start(clark(name), {clark(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(clark(name))

    def refuse(*_: object) -> NoReturn:
        raise MalformedXmlError("restricted XML")

    parser = expat.ParserCreate(encoding="utf-8", namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.CommentHandler = refuse
    parser.ProcessingInstructionHandler = refuse
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise MalformedXmlError(str(error)) from None
    return builder.close()


def clark(name: str) -> str:
    """Convert a name from expat's form (``namespace}name``) to ElementTree's."""
    return f"{{{name}" if "}" in name else name


def split_tag(tag: str) -> tuple[str, str]:
    """Split ``{namespace}name`` into (namespace, name). The namespace may be empty."""
    namespace, brace, name = tag.rpartition("}")
    return (namespace[1:], name) if brace else ("", tag)


def escape(value: str) -> str:
    """Escape character data. Characters that XML does not allow become U+FFFD."""
    return _replace(value, _SPECIAL_IN_TEXT)


def _replace(value: str, special: Mapping[str, str]) -> str:
    # ``str.translate`` is not used, because it takes several times as long for an event of 2 KB.
    value = _NOT_XML.sub("\ufffd", value)
    for character, reference in special.items():
        value = value.replace(character, reference)
    return value


def build(
    name: str, attributes: Mapping[str, str | None] | None = None, *children: str, xmlns: str | None = None
) -> str:
    """Build an element. Attributes that are ``None`` are omitted. Children must already be serialized or escaped."""
    parts = [f"<{name}"]
    for key, value in {"xmlns": xmlns, **(attributes or {})}.items():
        if value is not None:
            parts.append(f' {key}="{_replace(value, _SPECIAL_IN_ATTRIBUTE)}"')
    content = "".join(children)
    parts.append(f">{content}</{name}>" if content else "/>")
    return "".join(parts)


def serialize(element: Element, inherited: str = "") -> str:
    """Serialize a parsed element, declaring default namespaces where they differ from the inherited one."""
    namespace, name = split_tag(element.tag)
    attributes: dict[str, str | None] = {}
    for number, (key, value) in enumerate(element.attrib.items()):
        key_namespace, key_name = split_tag(key)
        if key_namespace == _XML_NAMESPACE:
            attributes[f"xml:{key_name}"] = value
        elif key_namespace:
            attributes[f"xmlns:a{number}"] = key_namespace
            attributes[f"a{number}:{key_name}"] = value
        else:
            attributes[key_name] = value
    content = [escape(element.text or "")]
    for child in element:
        content += [serialize(child, namespace), escape(child.tail or "")]
    return build(name, attributes, *content, xmlns=None if namespace == inherited else namespace)


def random_id(length: int) -> str:
    """Return random letters and digits, as in Openfire's ids. A message id has 8 characters, a ``subid`` has 40."""
    return "".join(secrets.choice(_ALPHANUMERIC) for _ in range(length))


def iq_result(request: Element, to: str, content: str = "") -> str:
    """Build the result of an IQ request. The sender of the result is the address to which the request was sent."""
    addresses = {"type": "result", "id": request.get("id"), "from": request.get("to"), "to": to}
    return build("iq", addresses, content, xmlns=CLIENT)


def iq_error(request: Element, to: str, error: StanzaError) -> str:
    """Build the error reply to an IQ request, with the children of the request and the error with its code."""
    kind, code = _CONDITIONS[error.condition]
    detail = build(error.detail, xmlns=PUBSUB_ERRORS) if error.detail else ""
    condition = build(error.condition, xmlns=STANZA_ERRORS)
    echo = [serialize(child, CLIENT) for child in request]
    addresses = {"type": "error", "id": request.get("id"), "from": request.get("to"), "to": to}
    failure = build("error", {"code": str(code), "type": kind}, condition, detail)
    return build("iq", addresses, *echo, failure, xmlns=CLIENT)


def stream_error(condition: str) -> str:
    """Build a stream error (RFC 6120 section 4.9). The sender must then close the stream."""
    return build("stream:error", {"xmlns:stream": STREAM}, build(condition, xmlns=STREAM_ERRORS))


def presence(sender: str, to: str, *children: str, kind: str | None = None) -> str:
    """Build a presence stanza. ``kind`` is its type. ``None`` means available."""
    return build("presence", {"type": kind, "from": sender, "to": to}, *children, xmlns=CLIENT)
