"""Journal entries, and the amount of memory that an entry holds.

The XML is kept as UTF-8 bytes, and is compressed if that saves memory. A ``str`` would need four bytes for
every character if it contained one character beyond the Basic Multilingual Plane. The parsed model takes many
times the memory of its XML, so the journal drops the models of older entries. The XML is parsed again when such
an entry is read.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mcp_finesse.errors import PayloadError
from mcp_finesse.model import parse_update
from mcp_finesse.redaction import truncated

UNREADABLE = "unreadable"
"""The kind of an entry whose notification cannot be parsed."""
MAX_RAW = 8_000
"""Maximum characters kept of an unreadable payload, which are enough to identify the payload."""

_NO_TIME = datetime.min.replace(tzinfo=UTC)
_OVERHEAD = 1_000
"""Bytes of the entry itself with its numbers and times, plus the bytes that ``Duplicates`` keeps about it."""
_COMPRESS_FROM = 16 * 1024
"""Minimum bytes of XML for which compression is worthwhile. An ordinary notification has 2,000 to 8,000 bytes."""
_PER_TAG = 600
"""Maximum bytes that a parsed model holds per tag of its XML. The largest measured value is 515."""
_PER_CHARACTER = 4
"""Maximum bytes that the texts of a parsed model hold per character of its XML."""
_EVICTED = "The content of this notification is no longer stored."


def bounded(payload: str) -> str:
    """Return the part of an unreadable payload that the journal keeps."""
    if len(payload) <= MAX_RAW:
        return payload
    return f"{truncated(payload, MAX_RAW, with_numbers=False)}... ({len(payload)} characters in all)"


@dataclass(frozen=True, slots=True)
class GapInfo:
    """A gap: events between ``since`` and ``until`` may be missing. If ``until`` is None, the gap continues."""

    reason: str
    since: datetime | None
    until: datetime | None


class Entry:
    """One notification or one gap. After it is in the journal, only ``repeats``, ``delayed`` and ``text`` change.

    Attributes:
        number: The number of the entry, in ascending order. 0 before the entry is in the journal.
        feed: Slug of the feed, such as ``dialogs`` or ``team:310``. The slug is ``session`` for a gap that
            concerns all feeds of the agent.
        kind: The kind of entry: ``user``, ``dialog``, ``dialogs``, ``error``, ``system_info``, ``other``,
            ``unreadable`` or ``gap``.
        repeats: How often the same publication was received again, for instance through another subscription.
        delayed: Whether the XMPP server replayed the notification. A replayed notification shows an earlier
            state.
        text: One sentence about a gap or an unreadable payload.
        cost: Bytes of memory that the entry holds, including any parsed model.
        model_cost: Bytes of memory that the parsed model holds. 0 if the entry has no model.
    """

    __slots__ = (
        "_compressed",
        "_model",
        "_raw",
        "cost",
        "delayed",
        "event",
        "feed",
        "gap",
        "kind",
        "model_cost",
        "number",
        "object_id",
        "received_at",
        "repeats",
        "request_id",
        "text",
    )

    def __init__(
        self,
        feed: str,
        kind: str,
        object_id: str = "",
        event: str = "",
        request_id: str = "",
        payload: Any = None,
        raw: str | None = None,
        repeats: int = 0,
        delayed: bool = False,
        gap: GapInfo | None = None,
        text: str = "",
        received_at: datetime = _NO_TIME,
        number: int = 0,
    ) -> None:
        self.feed = feed
        self.kind = kind
        self.object_id = object_id
        self.event = event
        self.request_id = request_id
        self.repeats = repeats
        self.delayed = delayed
        self.gap = gap
        self.text = text
        self.received_at = received_at
        self.number = number
        self._model = payload
        self._raw, self._compressed = _stored(raw)
        # A model without XML is neither counted nor dropped, because it could not be parsed again.
        self.model_cost = _cost_of_model(raw) if raw is not None and payload is not None else 0
        characters = len(feed) + len(object_id) + len(event) + len(request_id) + len(text)
        self.cost = _OVERHEAD + self.model_cost + len(self._raw or b"") + 4 * characters

    def __repr__(self) -> str:
        return f"<Entry {self.number} {self.kind} of {self.feed} {self.object_id} {self.text}>"

    @property
    def raw(self) -> str | None:
        """The XML as received, or the beginning of an unreadable notification. None if the entry has no XML."""
        if self._raw is None:
            return None
        data = zlib.decompress(self._raw) if self._compressed else self._raw
        return data.decode("utf-8", "surrogatepass")

    @property
    def payload(self) -> Any:
        """The parsed ``Update``, or None if the entry has none. A dropped model is parsed again."""
        if self._model is not None or self._raw is None or self.kind == UNREADABLE:
            return self._model
        try:
            return parse_update(self.raw or "")
        except PayloadError:
            return None

    @property
    def has_model(self) -> bool:
        """Whether ``payload`` needs no parsing."""
        return self._model is not None

    def drop_model(self) -> None:
        """Drop the parsed model."""
        self._model = None
        self.cost -= self.model_cost
        self.model_cost = 0

    def drop_content(self) -> None:
        """Drop the model and the XML of the entry, after the journal has evicted the entry."""
        if self._model is not None or self._raw is not None:
            self.text = self.text or _EVICTED
        self._model = self._raw = None
        self.model_cost = 0


def _stored(raw: str | None) -> tuple[bytes | None, bool]:
    if raw is None:
        return None, False
    data = raw.encode("utf-8", "surrogatepass")
    if len(data) >= _COMPRESS_FROM:
        smaller = zlib.compress(data, 1)
        if len(smaller) < len(data) // 2:
            return smaller, True
    return data, False


def _cost_of_model(raw: str) -> int:
    return _PER_TAG * raw.count("<") + _PER_CHARACTER * len(raw)
