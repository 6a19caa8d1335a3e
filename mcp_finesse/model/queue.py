"""The Queue with its statistics (guide p.139 to 144)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mcp_finesse.model.wire import WireModel, name_by_uri

# Finesse sends this value for an unavailable number. On UCCE, queues without users have no numbers. On UCCX, no
# queue has numbers.
_NO_FIGURE = -1


class QueueStatistics(WireModel):
    """The current statistics of a queue. A number that is unavailable (``-1``) is None.

    Attributes:
        start_time_of_longest_call_in_queue: the time when the longest waiting call entered the queue, in UTC.
            None if no call is waiting.
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
        """Remove unavailable numbers."""
        for field in [field for field, value in values.items() if value == _NO_FIGURE]:
            del values[field]


class Queue(WireModel):
    """A queue of phone calls, which is a skill group or a precision queue.

    Attributes:
        id: the last segment of the uri.
        statistics: the statistics. None if Finesse did not send them, for example in the notification that the
            queue was removed.
    """

    id: str | None = None
    uri: str | None = None
    name: str | None = None
    statistics: QueueStatistics | None = None

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Set the id from the uri."""
        name_by_uri(values)
