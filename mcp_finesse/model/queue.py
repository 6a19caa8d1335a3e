"""The Queue with its statistics (guide p.139 to 144)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mcp_finesse.model.wire import WireModel, name_by_uri

# What Finesse says for a number that it does not have: a queue without users, and every queue on UCCX.
_NO_FIGURE = -1


class QueueStatistics(WireModel):
    """How a queue is doing now; None where Finesse has no figure and says ``-1``.

    Attributes:
        start_time_of_longest_call_in_queue: since when the longest waiting call waits, UTC; None when none does.
    """

    calls_in_queue: int | None = None
    start_time_of_longest_call_in_queue: datetime | None = None
    agents_ready: int | None = None
    agents_not_ready: int | None = None
    agents_busy_other: int | None = None
    agents_logged_on: int | None = None
    agents_talking_inbound: int | None = None
    agents_talking_outbound: int | None = None
    agents_talking_internal: int | None = None
    agents_wrap_up_not_ready: int | None = None
    agents_wrap_up_ready: int | None = None

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Leave out what is no figure."""
        for field in [field for field, value in values.items() if value == _NO_FIGURE]:
            del values[field]


class Queue(WireModel):
    """A queue of calls: a skill group or a precision queue.

    Attributes:
        id: the last part of the uri.
        statistics: None where they were not sent, as in the notification that the queue was removed.
    """

    id: str | None = None
    uri: str | None = None
    name: str | None = None
    statistics: QueueStatistics | None = None

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Only the uri names the queue."""
        name_by_uri(values)
