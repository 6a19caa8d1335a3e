"""One entry of the journal, and how much memory it holds.

The XML is kept as UTF-8 bytes, compressed where that saves memory: as ``str`` one character beyond the Basic
Multilingual Plane makes every character take four bytes. The parsed model takes many times as much as its XML, so
the journal drops it from older entries, and it is parsed again when somebody reads the entry.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mcp_finesse.errors import PayloadError
from mcp_finesse.model import parse_update

UNREADABLE = "unreadable"
"""The kind of an entry whose notification is not what Finesse sends."""
MAX_RAW = 8_000
"""Characters that are kept of what cannot be read: enough to see what it is."""

_NO_TIME = datetime.min.replace(tzinfo=UTC)
_OVERHEAD = 1_000
"""Bytes of the entry itself, with its numbers and times, and of the memory of its publication."""
_COMPRESS_FROM = 16 * 1024
"""Bytes of XML from which compression is worth its time; an ordinary notification has 2,000 to 8,000."""
_PER_TAG = 600
"""Bytes that a parsed model holds per tag of its XML at most: measured 515, in a team of empty users."""
_PER_CHARACTER = 4
"""Bytes that a parsed model holds per character of its XML at most, in its texts."""
_EVICTED = "The content of this notification is no longer kept."


def bounded(payload: str) -> str:
    """What is kept of a payload that cannot be read."""
    return (
        payload if len(payload) <= MAX_RAW else f"{payload[:MAX_RAW]}... ({len(payload)} characters in all)"
    )


@dataclass(frozen=True, slots=True)
class GapInfo:
    """Events between ``since`` and ``until`` may be missing; until None they still may."""

    reason: str
    since: datetime | None
    until: datetime | None


class Entry:
    """One notification, or one gap. Once the journal has it, only ``repeats`` changes, and the journal drops content.

    Attributes:
        number: rises by one; 0 until the journal has taken the entry in.
        feed: slug of the feed, such as ``dialogs`` or ``team:310``; ``session`` for
            gaps that concern all of the agent's.
        kind: ``user``, ``dialog``, ``dialogs``, ``error``, ``system_info``, ``other``, ``unreadable``, ``gap``.
        repeats: how often the same publication came again, by another subscription for instance.
        delayed: the server replayed it; it tells a state, not news.
        text: one sentence for gaps and unreadable payloads.
        cost: bytes that the entry holds, its model included while there is one.
        model_cost: bytes that its model holds; 0 when there is none.
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
        # Without XML the model could not be made again: it is not counted, and never dropped.
        self.model_cost = _cost_of_model(raw) if raw is not None and payload is not None else 0
        characters = len(feed) + len(object_id) + len(event) + len(request_id) + len(text)
        self.cost = _OVERHEAD + self.model_cost + len(self._raw or b"") + 4 * characters

    def __repr__(self) -> str:
        return f"<Entry {self.number} {self.kind} of {self.feed} {self.object_id} {self.text}>"

    @property
    def raw(self) -> str | None:
        """The XML as it came; of an unreadable notification a bounded part; None without any."""
        if self._raw is None:
            return None
        data = zlib.decompress(self._raw) if self._compressed else self._raw
        return data.decode("utf-8", "surrogatepass")

    @property
    def payload(self) -> Any:
        """The parsed ``Update`` of a notification, parsed again if the journal dropped it; None without any."""
        if self._model is not None or self._raw is None or self.kind == UNREADABLE:
            return self._model
        try:
            return parse_update(self.raw or "")
        except PayloadError:
            return None

    @property
    def has_model(self) -> bool:
        """Whether ``payload`` costs nothing."""
        return self._model is not None

    def drop_model(self) -> None:
        """Hold no parsed model any more."""
        self._model = None
        self.cost -= self.model_cost
        self.model_cost = 0

    def drop_content(self) -> None:
        """Hold neither model nor XML any more: the journal has evicted the entry."""
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
