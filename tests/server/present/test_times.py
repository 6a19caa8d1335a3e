"""Times in results are in UTC, and Finesse's are converted to the local clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from mcp_finesse.model import SystemInfo, Update
from mcp_finesse.server.present.times import by_our_clock, finesse_timestamp, seconds_since, timestamp
from mcp_finesse.session import ClockOffset
from tests.mirrored import set_user
from tests.server.support import WHEN, ScriptedSession, agent, call, confirmed, connected, data, signed_in

TEN = WHEN + timedelta(seconds=10)


def ahead(seconds: float) -> ClockOffset:
    """Return the offset of a Finesse clock that is ahead of ours by these seconds."""
    clock_offset = ClockOffset()
    clock_offset.record(
        datetime.fromtimestamp(1_800_000_000.5 + seconds, UTC), 1_800_000_000.4, 1_800_000_000.6
    )
    return clock_offset


def skewed() -> ScriptedSession:
    """Return a session whose Finesse clock is ten seconds ahead: its 12:00:10 is 12:00:00."""
    session = signed_in()
    session.clock_offset = ahead(10)
    set_user(session.mirror, agent(state_change_time=TEN))
    dialog = call()
    own = dialog.participants[0].model_copy(update={"state_change_time": TEN})
    session.have(dialog.model_copy(update={"participants": [own, *dialog.participants[1:]]}))
    return session


@pytest.mark.parametrize(
    ("time", "written"),
    [
        (None, None),
        (WHEN, "2026-11-22T12:00:00Z"),
        (datetime(2026, 11, 22, 13, tzinfo=timezone(timedelta(hours=1))), "2026-11-22T12:00:00Z"),
    ],
)
def test_time_is_written_in_utc(time: datetime | None, written: str | None) -> None:
    assert timestamp(time) == written
    assert finesse_timestamp(time) == written


def test_finesse_time_keeps_its_milliseconds() -> None:
    assert finesse_timestamp(WHEN + timedelta(milliseconds=250)) == "2026-11-22T12:00:00.250Z"
    assert timestamp(WHEN + timedelta(milliseconds=999)) == "2026-11-22T12:00:00Z"


@pytest.mark.parametrize(
    ("time", "clock_offset", "seconds"),
    [
        (None, 0, None),
        (WHEN - timedelta(seconds=90.9), 0, 90),
        (WHEN - timedelta(seconds=90), 10, 100),
        (WHEN + timedelta(seconds=5), 0, 0),
    ],
)
def test_elapsed_time_is_computed_with_the_local_clock_and_never_negative(
    time: datetime | None, clock_offset: float, seconds: int | None
) -> None:
    with by_our_clock(ahead(clock_offset)):
        assert seconds_since(time, WHEN) == seconds


def test_clock_correction_ends_with_its_context() -> None:
    with by_our_clock(ahead(10)):
        assert finesse_timestamp(TEN) == timestamp(WHEN)
        with by_our_clock(ClockOffset()):
            assert finesse_timestamp(TEN) == timestamp(TEN)
        assert timestamp(TEN) == "2026-11-22T12:00:10Z"
    assert finesse_timestamp(TEN) == timestamp(TEN)


async def test_tools_show_finesse_times_by_the_local_clock(era: str) -> None:
    session = skewed()
    session.outcomes.append(confirmed("READY", user=agent(state_change_time=TEN)))
    info = SystemInfo(status="IN_SERVICE", last_success_cti_heartbeat_time=TEN)
    session.hear("system", Update(event="PUT", source="/finesse/api/SystemInfo", system_info=info))
    session.hear("user", Update(event="PUT", source="/x/User/1002", user=agent(state_change_time=TEN)))
    async with connected(session, era) as client:
        assert (await data(client, "get_user"))["user"]["since"] == "2026-11-22T12:00:00Z"
        assert (await data(client, "get_dialogs"))["dialogs"][0]["since"] == "2026-11-22T12:00:00Z"
        outcome = await data(client, "change_state", state="READY")
        assert outcome["user"]["since"] == "2026-11-22T12:00:00Z"
        told = (await data(client, "get_notifications"))["notifications"]
    assert told[0]["system_info"]["last_success_cti_heartbeat_time"] == "2026-11-22T12:00:00Z"
    assert told[1]["user"]["since"] == "2026-11-22T12:00:00Z"
    assert {entry["received_at"] for entry in told} == {"2026-11-22T12:00:00Z"}


@pytest.mark.parametrize("uri", ["finesse://user", "finesse://dialogs/331"])
async def test_resources_show_finesse_times_by_the_local_clock(uri: str, era: str) -> None:
    async with connected(skewed(), era) as client:
        [content] = (await client.read_resource(uri)).contents
    assert json.loads(content.text)["since"] == "2026-11-22T12:00:00Z"  # type: ignore[union-attr]
