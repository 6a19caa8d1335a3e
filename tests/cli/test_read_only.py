"""``--read-only``, verified at the socket: whatever a client calls, only GET requests leave the process."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import SocketAttribute, SocketStream
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, get_default_environment

from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.cli.support import ROOT, environment, ready, writes

READING: dict[str, dict[str, Any]] = {
    "get_session_status": {},
    "get_user": {},
    "get_dialogs": {},
    "get_notifications": {"limit": 10},
    "wait_for_notification": {"kind": "dialog", "timeout": 0},
    "list_feeds": {},
    "subscribe_feed": {"feed": "team:310"},
    "unsubscribe_feed": {"feed": "team:310"},
    "explain_error": {"code": "20999"},
    "get_call_log": {},
    "get_codes": {},
    "search_contacts": {"query": "Front"},
    "send_request": {"method": "GET", "path": "User/1001"},
    "get_media": {},
    "get_tasks": {},
    "list_configuration": {"kind": "ReasonCode"},
    "get_configuration": {"kind": "PhoneBook", "object": "South"},
    "get_team_assignments": {"team": "310", "kind": "WrapUpReason"},
    "export_contacts": {"phone_book": "South"},
}
WITHOUT_EFFECT: dict[str, dict[str, Any]] = {
    "get_raw_notification": {"number": 1},
    "get_team": {},
    "get_queues": {},
    "get_team_messages": {},
}
"""Read what may be missing or forbidden to this agent. Success makes no difference here."""
WRITING: dict[str, dict[str, Any]] = {
    "sign_in": {"extension": 4501},
    "sign_out": {"reason": "End of shift"},
    "change_state": {"state": "NOT_READY", "reason": "Lunch"},
    "make_call": {"to_address": "4502"},
    "answer_call": {},
    "hold_call": {},
    "retrieve_call": {},
    "end_call": {},
    "consult_call": {"to_address": "4502"},
    "transfer_call": {"to_address": "4502"},
    "conference_call": {},
    "send_dtmf": {"digits": "1"},
    "update_call_data": {"call_variables": {"callVariable1": "x"}},
    "wrap_up_call": {"reason": "Sale"},
    "sign_in_media": {"media": "chat"},
    "sign_out_media": {"media": "chat"},
    "change_media_state": {"state": "READY", "media": "chat"},
    "accept_task": {},
    "work_on_task": {"action": "START"},
    "close_task": {},
    "transfer_task": {"to_address": "chat.sales"},
    "create_configuration": {"kind": "WrapUpReason", "values": {"label": "Bought", "for_all": True}},
    "change_configuration": {"kind": "PhoneBook", "object": "South", "values": {"name": "North"}},
    "delete_configuration": {"kind": "PhoneBook", "object": "South"},
    "change_team_assignments": {"team": "310", "kind": "WrapUpReason", "add": ["Sale"]},
    "import_contacts": {"phone_book": "South", "csv": "firstName,lastName,phoneNumber\nAda,Okoro,4501\n"},
}
FREE: tuple[dict[str, Any], ...] = (
    {"method": "PUT", "path": "User/1001", "body": "<User><state>NOT_READY</state></User>"},
    {"method": "POST", "path": "/finesse/api/User/1001/Dialogs", "body": "<Dialog/>"},
    {"method": "DELETE", "path": "User/1001"},
)
OF_OTHERS: dict[str, dict[str, Any]] = {
    "change_agent_state": {"agent": "1002", "state": "READY"},
    "sign_out_agent": {"agent": "1002"},
    "monitor_call": {"agent": "1002"},
    "barge_call": {},
    "intercept_call": {},
    "drop_participant": {"participant": "4502"},
    "start_recording": {},
    "send_team_message": {"content": "x"},
    "delete_team_message": {"message_id": "1"},
    "answer_preview": {"answer": "ACCEPT"},
    "reclassify_call": {"classification": "BUSY"},
    "schedule_callback": {},
    "cancel_callback": {},
}
"""For supervisors or campaign calls: rejected as read-only before the role is checked."""
ON_A_CALL = {
    "answer_call",
    "hold_call",
    "retrieve_call",
    "end_call",
    "consult_call",
    "transfer_call",
    "conference_call",
    "send_dtmf",
    "update_call_data",
    "wrap_up_call",
}


class Tap:
    """Passes connections on to a server and records every byte the client sent."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._taken: list[bytearray] = []

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        async with listener, anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, self._serve)
            yield listener.extra(SocketAttribute.local_port)
            tasks.cancel_scope.cancel()

    @property
    def methods(self) -> list[str]:
        """The methods of all requests. Data after a WebSocket upgrade is masked and never matches."""
        return [
            found.decode()
            for taken in self._taken
            for found in re.findall(rb"([A-Z]+) /[^ ]* HTTP/1\.[01]\r\n", bytes(taken))
        ]

    async def _serve(self, client: SocketStream) -> None:
        self._taken.append(taken := bytearray())
        server = await anyio.connect_tcp("127.0.0.1", self._port)
        async with client, server, anyio.create_task_group() as tasks:
            tasks.start_soon(_pass, server, client, bytearray(), tasks.cancel_scope)
            tasks.start_soon(_pass, client, server, taken, tasks.cancel_scope)


async def _pass(
    source: SocketStream, target: SocketStream, taken: bytearray, both: anyio.CancelScope
) -> None:
    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
        async for some in source:
            taken += some
            await target.send(some)
    both.cancel()


@asynccontextmanager
async def tapped(folder: Path, *flags: str) -> AsyncIterator[tuple[Simulator, Tap, Client]]:
    """Yield a simulator without TLS, a tap, and a client of a server that uses the tap. The agent's phone rings."""
    async with Simulator(SimulatorSettings(tls=False)) as simulator:
        tap = Tap(int(simulator.url.rpartition(":")[2]))
        async with tap.listening() as port:
            settings = {"url": f"http://127.0.0.1:{port}", "user": "1001", "password": "secret"}
            settings |= {"admin_user": "admin", "admin_password": "secret"}
            inherited = get_default_environment()
            server = StdioServerParameters(
                command=sys.executable,
                args=["-m", "mcp_finesse", "serve", "--allow-insecure", *flags],
                env={k: v for k, v in environment(folder, settings).items() if k not in inherited},
                cwd=ROOT,
            )
            agent = simulator.center.colleague("1001")
            agent.sign_in()
            agent.change_state("READY")
            simulator.center.customers.call("8800", "3125550142")
            async with Client(server) as client:
                await ready(client)
                yield simulator, tap, client


async def test_read_only_server_sends_only_get_requests(tmp_path: Path) -> None:
    async with tapped(tmp_path, "--read-only", "--toolsets", "all") as (simulator, tap, client):
        truth = simulator.center.truth()
        (dialog_id,) = truth["dialogs"]
        offered = {tool.name for tool in (await client.list_tools()).tools}
        assert offered == {*READING, *WITHOUT_EFFECT}
        for tool, arguments in WITHOUT_EFFECT.items():
            await client.call_tool(tool, arguments)
        for tool, arguments in READING.items():
            assert not (await client.call_tool(tool, arguments)).is_error, tool
        for tool, arguments in (WRITING | OF_OTHERS).items():
            for more in ({}, {"dialog_id": dialog_id}) if tool in ON_A_CALL else ({},):
                result = await client.call_tool(tool, arguments | more)
                assert result.is_error, tool
                assert "read-only" in str(result.content), tool
        for arguments in FREE:
            result = await client.call_tool("send_request", arguments)
            assert result.is_error
            assert "read-only" in str(result.content)
        assert simulator.center.truth() == truth
    assert len(tap.methods) > 5
    assert set(tap.methods) == {"GET"}
    assert writes(simulator) == []


async def test_tap_records_put_requests_without_read_only(tmp_path: Path) -> None:
    async with tapped(tmp_path) as (_, tap, client):
        assert set(tap.methods) == {"GET"}
        for number, tool in enumerate(("answer_call", "change_state"), 1):
            await client.call_tool(tool, WRITING[tool])
            assert tap.methods.count("PUT") == number
