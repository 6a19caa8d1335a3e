"""The server as a client first sees it: names, tools, instructions."""

from __future__ import annotations

import json
import logging
import statistics

import anyio
import pytest
from mcp.client import Client

from mcp_finesse import __version__
from mcp_finesse.server import Selection, build_server
from mcp_finesse.server.app import instructions
from mcp_finesse.server.toolsets.selection import DEFAULT, TOOLSETS
from tests.server.snapshot import pinned, tools
from tests.server.support import ScriptedSession, connected, signed_in, tell

CORE = """
    get_session_status get_user get_dialogs get_call_log get_notifications wait_for_notification
    list_feeds subscribe_feed unsubscribe_feed explain_error
"""
AGENT = """
    sign_in sign_out change_state get_codes search_contacts make_call answer_call hold_call retrieve_call
    end_call consult_call transfer_call conference_call send_dtmf update_call_data wrap_up_call
    drop_participant get_team
"""
WORDS = "call hold transfer conference agent state ready queue Finesse wrap-up phone book notifications"


async def test_tools_equal_the_snapshot(era: str) -> None:
    async with connected(signed_in(), era) as client:
        assert await tools(client) == pinned()


async def test_read_only_server_lists_only_tools_that_do_not_write(era: str) -> None:
    async with connected(signed_in(), era, read_only=True, selection=Selection(["all"])) as client:
        listed = await tools(client)
    writing = {
        entry.name
        for toolset in TOOLSETS.values()
        for entry in toolset.tools
        if entry.effect.refused_read_only
    }
    assert listed == [tool for tool in pinned(*TOOLSETS) if tool["name"] not in writing]
    names = {tool["name"] for tool in listed}
    assert {"subscribe_feed", "unsubscribe_feed", "send_request", "get_call_log"} <= names
    assert not {"hold_call", "sign_in", "barge_call", "import_contacts", "close_task"} & names


def test_snapshot_lists_the_default_tools_in_a_fixed_order() -> None:
    assert [tool["name"] for tool in pinned()] == (CORE + AGENT).split()


def test_every_tool_has_description_title_and_annotations() -> None:
    reading = {*CORE.split(), "get_codes", "search_contacts", "get_team"} - {
        "subscribe_feed",
        "unsubscribe_feed",
    }
    for tool in pinned():
        assert tool["description"].endswith(".")
        assert tool["title"]
        assert tool["annotations"]["readOnlyHint"] is (tool["name"] in reading)
        assert tool["annotations"]["destructiveHint"] is (
            tool["name"] in {"end_call", "sign_out", "drop_participant"}
        )


def test_default_tools_stay_within_the_size_budget() -> None:
    """Four characters per token is a usual estimate. test_token_budget.py uses a real tokenizer."""
    listed = pinned()
    costs = [len(json.dumps([t["name"], t["description"], t["inputSchema"]])) / 4 for t in listed]
    assert sum(costs) < 4_000
    assert statistics.median(costs) < 150


async def test_server_reports_name_version_and_instructions(era: str) -> None:
    async with connected(signed_in(), era) as client:
        assert client.server_info is not None
        assert (client.server_info.name, client.server_info.version) == ("mcp-finesse", __version__)
        assert client.instructions == instructions(DEFAULT)


def test_instructions_are_short_and_contain_the_words_users_say() -> None:
    text = instructions(DEFAULT)
    assert len(text.encode()) < 2_000
    assert [word for word in WORDS.split() if word not in text] == []


def test_instructions_match_the_selected_tools() -> None:
    everything = instructions(Selection(["all"]))
    assert len(everything.encode()) < 2_000
    assert "monitor, barge in" in everything
    assert "Not enabled" not in everything
    assert "monitor, barge in" not in instructions(DEFAULT)
    assert "past calls" in instructions(Selection(["core"]))
    assert "hang up" not in instructions(Selection(["core"]))
    assert "use wait_for_notification" not in instructions(Selection(exclude=["wait_for_notification"]))


def test_instructions_of_a_read_only_server_promise_no_action() -> None:
    text = instructions(Selection(["all"]), read_only=True)
    assert "This MCP server is read-only" in text
    for word in (
        "hang up",
        "sign in or out",
        "barge in",
        "confirmed",
        "Before you end a call or sign out, ask the user",
    ):
        assert word not in text


async def test_session_may_be_given_as_object_or_factory(era: str) -> None:
    session = signed_in()
    async with Client(build_server(session.as_session), mode=era) as client:
        assert "READY" in await tell(client, "get_user")
    assert (session.opened, session.closed) == (1, 1)


async def test_closed_event_is_set_when_the_session_ends() -> None:
    closed = anyio.Event()
    async with connected(ScriptedSession(), closed=closed):
        assert not closed.is_set()
    assert closed.is_set()


async def test_sdk_log_does_not_contain_tool_results(era: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with connected(signed_in(), era) as client:
        await client.call_tool("get_dialogs", {"dialog_id": "unheard-of"})
    assert "unheard-of" not in caplog.text
