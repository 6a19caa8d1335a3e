"""get_call_log: past calls, totals, start of observation, and marked caller data."""

from __future__ import annotations

from datetime import timedelta

from tests.server.support import WHEN, ScriptedSession, call, connected, data, signed_in, tell


def with_calls(*calls: tuple[str, list[tuple[float, str]]]) -> ScriptedSession:
    """Return a session whose log has these calls: ids, and states of the agent by seconds."""
    session = signed_in()
    session.call_log.watch_from(WHEN)
    for dialog_id, states in calls:
        for seconds, state in states:
            session.call_log.update(
                call(dialog_id, mine=state, from_address='+4930"1'), "4501", WHEN + timedelta(seconds=seconds)
            )
    return session


TAKEN = ("331", [(0.0, "ALERTING"), (5.0, "ACTIVE"), (65.0, "HELD"), (75.0, "WRAP_UP"), (85.0, "DROPPED")])
MISSED = ("332", [(100.0, "ALERTING"), (120.0, "DROPPED")])


async def test_log_lists_calls_newest_first_with_seconds_and_totals(era: str) -> None:
    async with connected(with_calls(TAKEN, MISSED), era) as client:
        log = await data(client, "get_call_log")
    missed, taken = log["calls"]
    assert (missed["outcome"], missed["ring_seconds"], missed["talk_seconds"]) == ("missed", 20, 0)
    assert {name: taken[f"{name}_seconds"] for name in ("ring", "talk", "hold", "wrap_up")} == {
        "ring": 5,
        "talk": 60,
        "hold": 10,
        "wrap_up": 10,
    }
    assert (taken["outcome"], taken["queue"]) == ("completed", "North.Sales")
    assert log["since"] == "2026-11-22T12:00:00Z"
    assert (log["totals"]["calls"], log["totals"]["missed"], log["totals"]["talk_seconds"]) == (2, 1, 60)


async def test_caller_numbers_are_marked_as_caller_supplied() -> None:
    async with connected(with_calls(MISSED)) as client:
        (missed,) = (await data(client, "get_call_log"))["calls"]
        text = await tell(client, "get_call_log")
    assert missed["caller_supplied"]["from_address"] == '+4930"1'
    assert 'from "+4930\'1"' in text
    assert "missed, ring 20 s, talk 0 s, hold 0 s, wrap-up 0 s" in text


async def test_omitted_calls_are_counted_and_gaps_noted() -> None:
    session = with_calls(TAKEN, MISSED)
    session.call_log.gaps = 2
    async with connected(session) as client:
        log = await data(client, "get_call_log", limit=1)
        text = await tell(client, "get_call_log", limit=1)
    assert (len(log["calls"]), log["left_out"], log["totals"]["calls"]) == (1, 1, 2)
    assert "1 older calls were left out." in text
    assert "Notifications may have been lost 2 times" in text


async def test_empty_log_shows_since_when_calls_are_observed() -> None:
    async with connected(with_calls()) as client:
        assert await tell(client, "get_call_log") == (
            "Calls recorded since 2026-11-22T12:00:00Z.\nNo calls were recorded."
        )
