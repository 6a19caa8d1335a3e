"""The XML parser of a stream: what slixmpp expects of ``ET.XMLPullParser``, made for notifications.

A notification is a document escaped into text. The standard parser takes such a text in as many pieces as it
has escaped characters, which are hundreds; expat joins them when it is asked to. And every stanza is offered
to us before slixmpp makes an object of it.
"""

from __future__ import annotations

import contextlib
import xml.etree.ElementTree as ET
from collections import deque
from collections.abc import Callable, Iterator
from typing import Never
from xml.parsers import expat

MAX_STANZA = 4 * 2**20
"""Bytes after which a stanza has to be complete: four times what stock Openfire sends at most."""


MAX_DEPTH = 200
"""Levels of elements that are kept, the stream itself included. What remains of a stanza that is nested deeper is still
too deep to be read as a notification, so that its loss does not go unnoticed."""

MAX_TOKEN = 64 * 2**10
"""Bytes after which a tag, a comment or the like has to be complete: expat begins it anew with each part of it."""


class StanzaParser:
    """Parses one stream, whose root and stanzas come out as elements of ElementTree.

    Args:
        take: offered each stanza; True if it took it, so that slixmpp does not get it.
    """

    def __init__(self, take: Callable[[ET.Element], bool]) -> None:
        self._take = take
        self._root = ET.Element("")
        self._stanza = ET.TreeBuilder()  # the one that is being received
        self._depth = 0
        self._unfinished = 0  # bytes since the last stanza was complete, about
        self._fed = 0
        self._events: deque[tuple[str, ET.Element]] = deque()
        self._error: ET.ParseError | None = None
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.buffer_text = True
        # Newer expats hold back what came in two parts until more comes; an event must not wait for the next one.
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
                raise ET.ParseError("a tag without end")
            if self._unfinished > MAX_STANZA:
                raise ET.ParseError("a stanza without end")
        except (expat.ExpatError, ET.ParseError) as error:
            self._error = ET.ParseError(str(error))

    def read_events(self) -> Iterator[tuple[str, ET.Element]]:
        """``start`` and ``end`` of the root, and of each stanza that was not taken.

        Raises:
            ET.ParseError: what came is not well-formed, has no end, or holds a document type (RFC 6120 11.1).
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
    """What expat writes as ``namespace}name``, as ElementTree does."""
    return f"{{{name}" if "}" in name else name


def _refuse(*_: object) -> Never:
    raise ET.ParseError("a document type is not allowed in a stream")
