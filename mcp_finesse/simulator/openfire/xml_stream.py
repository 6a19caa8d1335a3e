"""An incremental parser for the header, elements and footer of an XML stream (RFC 6120 section 4). No sockets.

The parser rejects XML that RFC 6120 section 11.1 prohibits, and elements that are too large or nested too
deeply.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from mcp_finesse.simulator.openfire.stanzas import MAX_DEPTH, STREAM, clark

MAX_ELEMENT = 2**20  # in bytes: Openfire's limit for one inbound stanza

_ROOT = f"{{{STREAM}}}stream"


class StreamXmlError(ValueError):
    """The stream must be closed because of the XML that the peer sent.

    Attributes:
        condition: the condition of the stream error to send (RFC 6120 section 4.9.3).
    """

    def __init__(self, condition: str) -> None:
        super().__init__(condition)
        self.condition = condition


class XmlStream:
    """Parses a stream. ``feed`` calls the given functions in order.

    Args:
        opened: a function that is called with the attributes of the stream header.
        element: a function that is called with each complete first-level element. Tags have ElementTree's form.
        ended: a function that is called for the footer. Only whitespace may follow the footer.
    """

    def __init__(
        self,
        opened: Callable[[dict[str, str]], None],
        element: Callable[[Element], None],
        ended: Callable[[], None],
    ) -> None:
        self._opened = opened
        self._element = element
        self._ended = ended
        self._builder = TreeBuilder()
        self._depth = 0
        self._fed = 0
        self._parsed = 0  # the position after the last complete element
        self._parser = self._make_parser()

    def feed(self, data: bytes) -> None:
        """Parse received bytes.

        Raises:
            StreamXmlError: the stream must be closed. Elements before the error have already been passed to
                ``element``.
        """
        if not self._fed:
            data = data.lstrip()  # whitespace may remain from the previous stream
        self._fed += len(data)
        try:
            self._parser.Parse(data, False)
        except expat.ExpatError:
            raise StreamXmlError("not-well-formed") from None
        if self._fed - self._parsed > MAX_ELEMENT:
            raise StreamXmlError("policy-violation")

    def _make_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(encoding="utf-8", namespace_separator="}")
        if hasattr(parser, "SetReparseDeferralEnabled"):
            # Expat 2.6 may report a complete stanza only when more bytes arrive. On a stream, more bytes may
            # never arrive.
            parser.SetReparseDeferralEnabled(False)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _refuse
        parser.CommentHandler = _refuse
        parser.ProcessingInstructionHandler = _refuse
        return parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag, values = clark(name), {clark(key): value for key, value in attributes.items()}
        if self._depth == 0:
            if tag != _ROOT:
                raise StreamXmlError("invalid-namespace" if tag.endswith("}stream") else "bad-format")
            self._opened(values)
        else:
            if tag == _ROOT:
                raise StreamXmlError("bad-format")
            if self._depth > MAX_DEPTH:
                raise StreamXmlError("policy-violation")
            if self._depth == 1:
                self._builder = TreeBuilder()
            self._builder.start(tag, values)
        self._depth += 1
        self._mark_parsed()

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._ended()
            return
        self._builder.end(clark(name))
        if self._depth == 1:
            if self._parser.CurrentByteIndex - self._parsed > MAX_ELEMENT:
                raise StreamXmlError("policy-violation")
            self._mark_parsed()
            self._element(self._builder.close())

    def _text(self, text: str) -> None:
        if self._depth > 1:
            self._builder.data(text)
        elif text.isspace():
            self._mark_parsed()  # whitespace keeps the connection alive (RFC 6120 section 4.6.1)
        else:
            raise StreamXmlError("bad-format")

    def _mark_parsed(self) -> None:
        if self._depth <= 1:
            self._parsed = self._parser.CurrentByteIndex


def _refuse(*_: object) -> NoReturn:
    raise StreamXmlError("restricted-xml")
