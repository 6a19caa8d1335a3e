"""The event stream: a snapshot, then changes, and a new snapshot for a page that is too slow."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mcp_finesse.simulator import SimulatorSettings
from mcp_finesse.simulator.console.events import MAX_CHARACTERS, MAX_PAGES, MAX_QUEUED, EventStream
from tests.simulator.console.support import Page, console_page
from tests.simulator.support_rest import until


def parse(messages: str) -> list[tuple[str, Any]]:
    found = []
    for message in messages.strip().split("\n\n"):
        event, data = message.split("\n")
        found.append((event.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


async def until_change(events: AsyncIterator[tuple[str, Any]], section: str, id_: str) -> Any:
    async with asyncio.timeout(10):
        async for name, data in events:
            if name == "change" and id_ in data.get(section, {}):
                return data[section][id_]
    raise AssertionError("the stream ended")


async def test_first_event_is_a_full_snapshot() -> None:
    async with console_page() as page:
        name, data = await anext(page.events())
        assert name == "snapshot"
        assert data["missed"] is False
        assert data["state"]["agents"]["1001"]["state"] == "LOGOUT"
        assert data["state"]["queues"]["77"]["name"] == "North.Sales"
        assert data["state"]["nodes"]["finesse.sim"]["in_service"] is True
        assert set(data["state"]["teams"]) == {"310", "320"}


async def test_snapshot_of_uccx_has_no_media_and_counts_ready_agents_of_queues() -> None:
    async with console_page(SimulatorSettings(tls=False, platform="UCCX")) as page:
        await page.act("agent/sign-in", agent="1002")
        await until(lambda: page.simulator.center.state.agents["1002"].signed_in)
        await page.act("agent/state", agent="1002", state="READY")
        await until(lambda: page.simulator.center.state.agents["1002"].state == "READY")
        _, data = await anext(page.events())
        assert data["state"]["options"]["options"]["media"] == []
        assert (data["state"]["queues"]["77"]["ready"], data["state"]["queues"]["78"]["ready"]) == (1, 0)


async def test_changes_follow_with_the_changed_objects_only() -> None:
    async with console_page() as page:
        events = page.events()
        await anext(events)
        await page.act("agent/sign-in", agent="1002")
        async with asyncio.timeout(10):
            async for name, data in events:
                if name == "change":
                    assert set(data["agents"]) == {"1002"}
                    assert data["agents"]["1002"]["state"] == "NOT_READY"
                    break


async def test_ended_call_is_reported_as_gone() -> None:
    async with console_page() as page:
        events = page.events()
        await anext(events)
        call = (await page.act("customer/call", to="8800", number="3125550142"))["call"]
        assert (await until_change(events, "calls", call))["from"] == "3125550142"
        await page.act("customer/hang-up", call=call)
        assert await until_change(events, "calls", call) is None


async def test_journal_arrives_with_the_snapshot_and_afterwards() -> None:
    async with console_page() as page:
        await page.act("agent/sign-in", agent="1002")
        await until(lambda: page.simulator.center.state.agents["1002"].signed_in)
        events = page.events()
        _, data = await anext(events)
        assert "LOGIN · agent 1002" in [entry["title"] for entry in data["wire"]]
        last = data["wire"][-1]["id"]
        await page.act("agent/state", agent="1002", state="READY")
        async with asyncio.timeout(10):
            async for name, entries in events:
                if name == "wire":
                    assert entries[0]["id"] == last + 1
                    break


async def test_slow_page_gets_a_snapshot_that_says_so_instead_of_more_messages() -> None:
    snapshots = 0

    def snapshot() -> dict[str, Any]:
        nonlocal snapshots
        snapshots += 1
        return {"number": snapshots}

    stream = EventStream(snapshot)
    reader = stream.read()
    assert parse(await anext(reader)) == [("snapshot", {"number": 1, "missed": False})]
    for number in range(MAX_QUEUED):
        stream.send("change", number)
    assert [data for _, data in parse(await anext(reader))] == [*range(MAX_QUEUED)]
    for number in range(MAX_QUEUED * 10):
        stream.send("change", number)
    assert parse(await anext(reader)) == [("snapshot", {"number": 2, "missed": True})]
    stream.send("change", "later")
    assert parse(await anext(reader)) == [("change", "later")]
    await reader.aclose()
    assert not stream.has_pages


async def test_queue_of_a_slow_page_is_also_bounded_in_size() -> None:
    stream = EventStream(dict)
    reader = stream.read()
    await anext(reader)
    for _ in range(3):
        stream.send("change", "x" * (MAX_CHARACTERS // 2))
    assert parse(await anext(reader)) == [("snapshot", {"missed": True})]
    stream.send("change", "x" * (MAX_CHARACTERS // 2))
    assert parse(await anext(reader))[0][0] == "change"


async def test_one_slow_page_does_not_affect_another() -> None:
    stream = EventStream(dict)
    slow, quick = stream.read(), stream.read()
    await anext(slow)
    await anext(quick)
    for number in range(MAX_QUEUED + 1):
        stream.send("change", number)
        assert parse(await anext(quick)) == [("change", number)]
    assert parse(await anext(slow))[0][0] == "snapshot"


async def test_number_of_pages_is_limited() -> None:
    async with console_page() as page:
        events = [page.events() for _ in range(MAX_PAGES)]
        for each in events:
            await anext(each)
        answer = await page.http.get("/events", headers=page.headers)
        assert answer.status_code == 503
        await events[0].aclose()
        async with asyncio.timeout(10):
            while (await _status(page)) != 200:  # noqa: ASYNC110 - depends on another task of the server
                await asyncio.sleep(0.05)


async def test_stream_that_loses_the_race_for_the_last_place_ends() -> None:
    stream = EventStream(dict)
    readers = [stream.read() for _ in range(MAX_PAGES + 1)]
    for reader in readers[:-1]:
        await anext(reader)
    with pytest.raises(StopAsyncIteration):
        await anext(readers[-1])


async def _status(page: Page) -> int:
    async with page.http.stream("GET", "/events", headers=page.headers) as answer:
        return answer.status_code


async def test_console_stops_although_a_page_is_open() -> None:
    async with asyncio.timeout(8):
        async with console_page() as page:
            await anext(page.events())
    assert page.simulator.center.observers == []


async def test_stopped_console_no_longer_follows_the_simulation() -> None:
    async with console_page() as page:
        center = page.simulator.center
        assert center.observers == [page.console.journal]
    assert center.observers == []


@pytest.mark.parametrize("text", ["\n\nevent: evil\ndata: 1\n\n", "\u2028", "\r"])
async def test_data_cannot_begin_another_event(text: str) -> None:
    stream = EventStream(dict)
    reader = stream.read()
    await anext(reader)
    stream.send("change", {"text": text})
    assert parse(await anext(reader)) == [("change", {"text": text})]
