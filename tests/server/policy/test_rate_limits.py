"""How often a tool may be called."""

from __future__ import annotations

from mcp_finesse.server.policy.rate_limits import RateLimits


def test_calls_of_the_last_minute_count() -> None:
    now = 0.0
    limits = RateLimits(lambda: now)
    limits.count("make_call", "1001")
    now = 10.0
    assert limits.seconds_until_allowed("make_call", "1001", 2) == 0
    limits.count("make_call", "1001")
    now = 20.0
    assert limits.seconds_until_allowed("make_call", "1001", 2) == 40
    assert limits.seconds_until_allowed("make_call", "1001", 1) == 50
    now = 60.0
    assert limits.seconds_until_allowed("make_call", "1001", 2) == 0


def test_tools_and_identities_count_separately() -> None:
    limits = RateLimits(lambda: 0.0)
    limits.count("make_call", "1001")
    assert limits.seconds_until_allowed("make_call", "1001", 1) > 0
    assert limits.seconds_until_allowed("make_call", "1002", 1) == 0
    assert limits.seconds_until_allowed("hold_call", "1001", 1) == 0


def test_old_identities_are_forgotten() -> None:
    now = 0.0
    limits = RateLimits(lambda: now)
    for number in range(10_000):
        limits.count("make_call", str(number))
    now = 61.0
    limits.count("make_call", "last")
    assert len(limits._calls) == 1
