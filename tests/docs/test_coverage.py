"""Every API operation has a row in docs/reference/api-coverage.md, and each cell is correct."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client

from mcp_finesse.rest.operation import Operation
from mcp_finesse.rest.raw_operations import UNCONFIRMED
from mcp_finesse.server import build_server
from mcp_finesse.server.policy.tool_entry import ToolEntry
from mcp_finesse.server.toolsets.selection import TOOLSETS
from mcp_finesse.session import FinesseSession
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.docs import coverage
from tests.docs.support import ROOT, tables
from tests.session.support import config_for

NO_OPERATION = {
    "get_call_log", "get_notifications", "wait_for_notification", "list_feeds", "subscribe_feed", "unsubscribe_feed",
    "explain_error", "get_raw_notification", coverage.FREE,
}  # fmt: skip
"""Tools of the Notification Service and of our own tables; and the one that can send anything."""

every_operation = pytest.mark.parametrize("operation", coverage.catalogue(), ids=lambda each: each.name)


def rows_of_page() -> dict[str, dict[str, str]]:
    return {
        row[0]: dict(zip(head, row, strict=True))
        for head, rows in tables("docs/reference/api-coverage.md")
        if head[0] == coverage.HEAD[0]
        for row in rows
    }


def test_catalogue_contains_every_documented_operation() -> None:
    known = {each.name: (each.method, each.path) for each in coverage.catalogue()}
    assert {name: (method, path) for name, method, path in coverage.documented()} == known


def test_documented_operations_are_unique() -> None:
    counted = Counter(name for name, _, _ in coverage.documented())
    assert [name for name, count in counted.items() if count > 1] == []


@every_operation
def test_operation_has_a_row_without_empty_cells(operation: Operation) -> None:
    cells = rows_of_page().get(operation.name)
    assert cells is not None, "run: python -m tests.docs.generate"
    assert [head for head, cell in cells.items() if not cell] == []
    assert list(cells) == list(coverage.HEAD)


@every_operation
def test_operation_with_a_function_has_a_test(operation: Operation) -> None:
    found = coverage.test_of(operation)
    assert found, f"no module in tests/rest calls {coverage.function_of(operation)}"
    assert (ROOT / found).is_file()


@every_operation
def test_unconfirmed_operation_is_left_to_send_request_and_says_why(operation: Operation) -> None:
    if coverage.function_of(operation):
        return
    assert bool(operation.unconfirmed) or operation not in UNCONFIRMED
    assert coverage.tools_of(operation) == [coverage.FREE]
    assert rows_of_page()[operation.name]["Function"] == f"`{coverage.FREE}`"


@pytest.mark.parametrize("entry", coverage.entries(), ids=lambda entry: entry.name)
def test_the_page_names_a_tool_at_each_operation_that_its_entry_leads_to(entry: ToolEntry) -> None:
    rows = rows_of_page()
    named = {name for name, cells in rows.items() if f"`{entry.name}`" in cells["Tool"].split(", ")}
    if entry.name == coverage.FREE:
        others = {name for other in coverage.entries() for name in coverage.used_by(other)}
        assert named == set(rows) - others
    else:
        assert named == set(coverage.used_by(entry))


def test_only_tools_that_send_no_request_lead_to_no_operation() -> None:
    assert {entry.name for entry in coverage.entries() if not entry.uses} == NO_OPERATION


def test_simulator_column_reflects_what_the_simulator_serves() -> None:
    served = coverage.served()
    assert served["ReasonCode: list"] == ("UCCE", "UCCX")
    assert served["SystemConfig: get"] == ("UCCE",)
    assert served["PhoneBook: import contacts as XML"] == ()
    assert served["Log collection"] == ()


# -- what the tools of an agent send


async def ask(client: Client, simulator: Simulator, tool: str, **arguments: Any) -> set[str]:
    """Call a tool and return the operations that it sent."""
    simulator.requests.clear()
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert (result.structured_content or {}).get("status") in (None, "confirmed", "unreported"), (
        result.content
    )
    return {coverage.operation_of(each.method, each.path, each.body.decode()) for each in simulator.requests}


async def allowed(client: Client, action: str) -> None:
    """Wait until Finesse allows an action on a call."""
    async with asyncio.timeout(10):
        while action not in str((await client.call_tool("get_dialogs", {})).structured_content):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


FRONT_DESK = "2125550100"  # answers at once
READS = re.compile(r": get\b")


async def test_agent_tools_send_the_operations_of_the_table(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        config = config_for(simulator, tmp_path)
        async with Client(build_server(lambda: FinesseSession(config))) as client:
            done: dict[str, set[str]] = {}

            async def use(tool: str, **arguments: Any) -> None:
                done[tool] = await ask(client, simulator, tool, **arguments)

            await use("sign_in", extension="4501")
            await use("get_codes")
            await use("search_contacts", query="Desk")
            await use("make_call", to_address=FRONT_DESK)
            await allowed(client, "SEND_DTMF")
            await use("send_dtmf", digits="1")
            await use("hold_call")
            await use("retrieve_call")
            await use("consult_call", to_address=FRONT_DESK)
            await allowed(client, "CONFERENCE")
            await use("conference_call")
            await use("end_call")
            await use("change_state", state="READY")
            dialog_id = simulator.center.customers.call("8800", "3125550142", {})
            await allowed(client, "ANSWER")
            await use("answer_call", dialog_id=dialog_id)
            await use("update_call_data", call_variables={"callVariable3": "a"}, dialog_id=dialog_id)
            await use("wrap_up_call", reason="Sale", dialog_id=dialog_id)
            await use("transfer_call", to_address=FRONT_DESK, dialog_id=dialog_id)
    if_allowed = set(TOOLSETS["supervisor"].names)  # agents may use them only where the site allows it
    assert set(done) == set(TOOLSETS["agent"].names) - {"sign_out"} - if_allowed
    used = {entry.name: set(coverage.used_by(entry)) for entry in coverage.entries()}
    for tool, made in done.items():
        assert made & used[tool], tool
        assert {each for each in made if not READS.search(each)} <= used[tool], tool
