"""The XML parser of a stream, optimised for notifications, with the interface of ``ET.XMLPullParser``.

slixmpp uses this interface. A notification contains a document as escaped text. The standard parser splits such
text at every escaped character into hundreds of pieces. This parser lets expat join the pieces
(``buffer_text``). In addition, every stanza is offered to our handler before slixmpp creates an object for it.
"""

from __future__ import annotations

import contextlib
import xml.etree.ElementTree as ET
from collections import deque
from collections.abc import Callable, Iterator
from typing import Never
from xml.parsers import expat

MAX_STANZA = 4 * 2**20
"""Maximum size of a stanza in bytes: four times the maximum of a default Openfire."""


MAX_DEPTH = 200
"""Maximum nesting depth that is kept, including the stream element. Deeper elements are dropped. The truncated stanza
still exceeds the depth limit for notifications, so it is never processed as if it were complete."""

MAX_TOKEN = 64 * 2**10
"""Maximum size of a tag, comment or similar token in bytes. Expat rescans an incomplete token with each new part."""


class StanzaParser:
    """Parses one stream into ElementTree elements: one for the root, and one for each stanza.

    Args:
        take: a function that is called with each stanza. The function returns True if slixmpp
            must not receive the stanza.
    """

    def __init__(self, take: Callable[[ET.Element], bool]) -> None:
        self._take = take
        self._root = ET.Element("")
        self._stanza = ET.TreeBuilder()  # the stanza being received
        self._depth = 0
        self._unfinished = 0  # the approximate number of bytes since the last complete stanza
        self._fed = 0
        self._events: deque[tuple[str, ET.Element]] = deque()
        self._error: ET.ParseError | None = None
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.buffer_text = True
        # Newer expat versions delay a token that arrived in parts. An event must not wait for the next event's data.
        with contextlib.suppress(AttributeError):
            self._parser.SetReparseDeferralEnabled(False)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = _refuse

    def feed(self, data: bytes | str) -> None:
        """Parse a part of the stream."""
        size = len(data)
        self._unfinished += size
        self._fed += size
        try:
            self._parser.Parse(data, False)
            if self._fed - self._parser.CurrentByteIndex > MAX_TOKEN:
                raise ET.ParseError("a tag is too long")
            if self._unfinished > MAX_STANZA:
                raise ET.ParseError("a stanza is too long")
        except (expat.ExpatError, ET.ParseError) as error:
            self._error = ET.ParseError(str(error))

    def read_events(self) -> Iterator[tuple[str, ET.Element]]:
        """Yield ``start`` and ``end`` events of the root, and of each stanza for which ``take`` returned False.

        Raises:
            ET.ParseError: the data is not well-formed, exceeds a limit, or contains a DTD (RFC 6120 11.1).
        """
        while self._events:
            event, element = self._events.popleft()
            if event != "stanza":
                yield event, element
            elif not self._take(element):
                yield "start", element
                yield "end", element
        if self._error is not None:
            raise self._error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = _clark(name)
        if "}" in "".join(attributes):
            attributes = {_clark(key): value for key, value in attributes.items()}
        self._depth += 1
        if self._depth > MAX_DEPTH:
            return
        if self._depth == 1:
            self._root = ET.Element(name, attributes)
            self._events.append(("start", self._root))
            return
        if self._depth == 2:
            self._stanza = ET.TreeBuilder()
            self._parser.CharacterDataHandler = self._stanza.data
        self._stanza.start(name, attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._depth >= MAX_DEPTH:
            return
        if self._depth == 0:
            self._events.append(("end", self._root))
            return
        element = self._stanza.end(_clark(name))
        if self._depth == 1:
            self._unfinished = 0
            self._events.append(("stanza", element))


def _clark(name: str) -> str:
    """Convert a name from expat's ``namespace}name`` to ElementTree's ``{namespace}name``."""
    return f"{{{name}" if "}" in name else name


def _refuse(*_: object) -> Never:
    raise ET.ParseError("a document type is not allowed in a stream")
