"""Times as models write them are accepted; times without a zone are rejected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.server.arguments.callback_times import local_time
from mcp_finesse.server.arguments.deadlines import deadline

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("2 minutes", 120),
        ("in 2 minutes", 120),
        ("90s", 90),
        ("1 min", 60),
        ("1 hour", 3600),
        ("2026-11-22T12:01:00Z", 60),
        ("2026-11-22T13:01+01:00", 60),
        ("2026-11-22 12:00:30Z", 30),
        ("2026-11-22T11:00:00Z", -3600),
    ],
)
def test_deadline_is_a_span_or_a_time_with_a_zone(text: str, seconds: int) -> None:
    assert deadline(text, NOW) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-22T12:01:00", "has no time zone"),
        ("soon", "is not a time"),
        ("2 weeks", "is not a time"),
        ("9" * 30, "is not a time"),
        ("0001-01-01T00:00:00+14:00", "is not a time"),
        ("9999-12-31T23:59:59-14:00", "is not a time"),
        ("2026-12-22T12:01:00Z", "more than 24 hours ahead"),
    ],
)
def test_unclear_or_distant_deadline_is_rejected(text: str, said: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        deadline(text, NOW)
    assert said in caught.value.message
    assert caught.value.advice


@pytest.mark.parametrize(
    ("given", "text", "zone"),
    [
        ("2026-12-01T10:00", "2026-12-01T10:00", ""),
        ("2026-12-01 10:00", "2026-12-01T10:00", ""),
        ("2026-12-01T10:00:00", "2026-12-01T10:00", ""),
        (" 2026-12-01T10:00:00.000Z ", "2026-12-01T10:00", "Z"),
        ("2026-12-01T10:00:00+01:00", "2026-12-01T10:00", "+01:00"),
        ("2026-12-01 10:00 -0500", "2026-12-01T10:00", "-0500"),
    ],
)
def test_callback_time_is_accepted_as_models_write_it(given: str, text: str, zone: str) -> None:
    found = local_time(given)
    assert (found.text, found.zone) == (text, zone)
    assert "customer's local time" in found.meaning
    assert (f"The zone {zone} was ignored" in found.meaning) is bool(zone)


@pytest.mark.parametrize(
    "given", ["12/01/2026 10:00", "01.12.2026 10:00", "2026-12-01", "10:00", "tomorrow", "5"]
)
def test_ambiguous_callback_time_is_rejected_with_an_example(given: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        local_time(given)
    assert caught.value.message.startswith("`time` ")
    assert "2026-01-31T15:30" in caught.value.advice
