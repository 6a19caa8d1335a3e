"""Callback times: the required format, and times that are past in every zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.rest.api.outbound import check_callback_time

NOON = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("now", [NOON, NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))])
@pytest.mark.parametrize("text", ["2030-05-01T00:00", "2030-05-01T12:00", "2031-12-31T23:59"])
def test_time_still_ahead_in_some_time_zone_is_accepted(text: str, now: datetime) -> None:
    assert check_callback_time(text, now) == text


@pytest.mark.parametrize("text", ["2030-04-30T23:59", "1999-01-01T00:00"])
def test_time_past_in_every_time_zone_is_rejected(text: str) -> None:
    with pytest.raises(InvalidRequestError, match=f"{text} is in the past in every time zone"):
        check_callback_time(text, NOON)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2030-05-01",
        "2030-05-01 14:30",
        "2030-05-01T14:30:00",
        "2030-05-01T14:30Z",
        "2030-05-01T14:30+02:00",
        "2030-5-1T14:30",
        "2030-05-01T24:00",
        "2030-02-30T14:30",
        "٢٠٣٠-05-01T14:30",
        "1893456000",
        "2030-05-01T14:30\n",
    ],
)
def test_other_format_is_rejected_with_the_required_one(text: str) -> None:
    with pytest.raises(
        InvalidRequestError, match="YYYY-MM-DDThh:MM, without seconds and time zone"
    ) as caught:
        check_callback_time(text, NOON)

    assert "local time" in caught.value.advice


def test_current_time_is_used_by_default() -> None:
    with pytest.raises(InvalidRequestError, match="past"):
        check_callback_time("2020-01-01T00:00")
