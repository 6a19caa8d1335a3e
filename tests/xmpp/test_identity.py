"""Login identity and link timing."""

from __future__ import annotations

from mcp_finesse.xmpp import LinkTiming
from tests.xmpp.support import identity


def test_limits_match_the_finesse_documentation() -> None:
    timing = LinkTiming()
    assert (timing.ping_interval, timing.ping_timeout, timing.ping_misses) == (10, 10, 2)
    assert (timing.connect, timing.presence) == (10, 15)


def test_scaled_timing_scales_times_and_not_the_ping_count() -> None:
    assert LinkTiming().scaled(0.5) == LinkTiming(5, 7.5, 5, 5, 2, 5, 1, quiet=0.5)


def test_repr_does_not_show_the_password() -> None:
    assert "hunter2" not in repr(identity(password="hunter2"))
