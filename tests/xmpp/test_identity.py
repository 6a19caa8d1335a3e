"""Who logs in, and the limits."""

from __future__ import annotations

from mcp_finesse.xmpp import LinkTiming
from tests.xmpp.support import identity


def test_the_limits_are_those_that_finesse_documents() -> None:
    timing = LinkTiming()
    assert (timing.ping_interval, timing.ping_timeout, timing.ping_misses) == (10, 10, 2)
    assert (timing.connect, timing.presence) == (10, 15)


def test_all_times_scale_together_and_the_number_of_pings_does_not() -> None:
    assert LinkTiming().scaled(0.5) == LinkTiming(5, 7.5, 5, 5, 2, 5, 1, quiet=0.5)


def test_the_password_does_not_show() -> None:
    assert "hunter2" not in repr(identity(password="hunter2"))
