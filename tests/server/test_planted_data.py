"""No client, log or file sees what is redacted, whatever callers and users put into the texts of Finesse.

Every text that they control in the simulator contains an attack and canaries. Then every tool is called, every resource
is read and every completion is requested.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp.types import ResourceTemplateReference, TextContent, TextResourceContents
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.redaction import Redaction
from mcp_finesse.server import AuditFile, Auditor, Selection, build_server
from mcp_finesse.server.toolsets.selection import TOOLSETS
from mcp_finesse.session import FinesseSession
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.server.planted import (
    HIDDEN_VARIABLES,
    MARKER,
    PATTERN,
    Planter,
    hidden_characters,
    problems,
)
from tests.session.support import TIMING, Floor, config_for

REDACTION = Redaction.of(HIDDEN_VARIABLES, [PATTERN])
CALL_VARIABLES = tuple(f"callVariable{number}" for number in range(1, 11))
SUPERVISOR, SUPERVISOR_EXTENSION = "1000", "4500"
SIMPLE: dict[str, Any] = {
    "to_address": "2125550100", "extension": "4501", "digits": "1", "query": "a", "agent": "1002", "team": "310",
    "feed": "queues", "code": "20700", "path": "User/1001/Dialogs", "phone_book": "1", "object": "1", "number": 1,
    "participant": "4502", "reason": "Lunch", "content": "Hello", "message_id": "1", "time": "2031-01-31T15:30",
    "call_variables": {"callVariable2": "a"}, "values": {"label": "Later"},
    "csv": "First Name,Last Name,Phone Number,Notes\nA,B,1,\n",
}  # fmt: skip
"""Values for required arguments by name. A choice is called with each of its values."""
MORE: dict[str, list[dict[str, Any]]] = {
    "get_team": [{"calls": True, "query": "o"}],
    "list_configuration": [{"kind": "Contact", "phone_book": book} for book in ("1", "2")],
    "get_team_assignments": [
        {"team": "310", "kind": "ReasonCode", "category": each} for each in ("NOT_READY", "LOGOUT")
    ],
    "export_contacts": [{"phone_book": book} for book in ("1", "2")],
    "search_contacts": [{"query": "Ignore"}, {"query": "4111"}],
    "send_request": [
        {"method": "GET", "path": path}
        for path in ("User/1001/Dialogs", "User/1001", "Team/310", "User/1001/PhoneBooks", "Dialog/{dialog}")
    ],
    "get_raw_notification": [{"number": number} for number in range(1, 40)],
    "wait_for_notification": [
        {"kind": "dialog", "field": "state", "value": "ALERTING", "after": "start", "timeout": 1},
        {"kind": "dialog", "field": "call_variables.user.note", "value": "changed", "timeout": 0},
    ],
    "get_dialogs": [{"dialog_id": "{dialog}"}],
    "get_tasks": [{"dialog_id": "{task}"}],
    "update_call_data": [{"call_variables": {"user.note": "b1rthd4y"}}],
    "import_contacts": [{"phone_book": "2", "csv": SIMPLE["csv"], "dry_run": True}],
}
"""Further arguments by tool, that show more."""


@dataclass
class Seen:
    """Everything that a client received, by the request."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    structures: list[tuple[str, Any]] = field(default_factory=list)

    def note(self, request: str, text: str, structure: Any = None) -> None:
        self.texts.append((request, text))
        if structure is not None:
            self.structures.append((request, structure))
            self.texts.append((f"{request} as JSON", json.dumps(structure, ensure_ascii=False)))


@asynccontextmanager
async def planted(folder: Path, user: str, planter: Planter) -> AsyncIterator[tuple[Floor, Client, Path]]:
    async with Simulator(SimulatorSettings(), world=planter.world()) as simulator:
        administrator = Credentials("admin", SecretStr("secret"))
        config = config_for(simulator, folder, user=user, timing=TIMING, administrator=administrator)
        session = FinesseSession(config)
        audit = folder / "audit.jsonl"
        server = build_server(
            session,
            selection=Selection(list(TOOLSETS)),
            auditor=Auditor(AuditFile(audit, 2**30), redaction=REDACTION),
            redaction=REDACTION,
            confirm="never",
        )
        async with Client(server) as client:
            await session.ready(10)
            yield Floor(simulator, session, config), client, audit


def arguments_of(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield arguments for a tool from its schema: each value of a required choice, and simple values."""
    required = {name: schema["properties"][name] for name in schema.get("required", ())}
    choices = {name: each["enum"] for name, each in required.items() if "enum" in each}
    simple = {name: SIMPLE.get(name, "1") for name in required if name not in choices}
    if "timeout" in schema["properties"]:
        simple["timeout"] = 0
    first = next(iter(choices), None)
    for value in choices[first] if first is not None else [None]:
        chosen = {name: values[0] for name, values in choices.items()}
        yield simple | chosen | ({first: value} if first is not None else {})


async def call_every_tool(floor: Floor, client: Client, seen: Seen, start: str, *names: str) -> None:
    """Call the named tools, or every tool that is not excluded, with several arguments each."""
    session = floor.session
    for tool in (await client.list_tools()).tools:
        seen.note(f"description of {tool.name}", tool.model_dump_json())
        if names and tool.name not in names:
            continue
        for given in [*arguments_of(tool.input_schema), *MORE.get(tool.name, ())]:
            known = {
                "{dialog}": next(iter(session.mirror.dialogs), "1"),
                "{task}": next(iter(session.mirror.tasks), "1"),
                "start": start,
            }
            arguments = {
                name: value.replace("{dialog}", known["{dialog}"]) if isinstance(value, str) else value
                for name, value in given.items()
            }
            arguments = {name: known.get(str(value), value) for name, value in arguments.items()}
            result = await client.call_tool(tool.name, arguments)
            text = "\n".join(each.text for each in result.content if isinstance(each, TextContent))
            seen.note(f"{tool.name}({given})", text, result.structured_content)


async def read_every_resource(client: Client, seen: Seen) -> None:
    uris = [str(each.uri) for each in (await client.list_resources()).resources]
    for template in (await client.list_resource_templates()).resource_templates:
        seen.note(f"template {template.uri_template}", template.model_dump_json())
        for name in ("id", "feed", "topic", "after"):
            if f"{{{name}}}" not in template.uri_template:
                continue
            reference = ResourceTemplateReference(type="ref/resource", uri=template.uri_template)
            found = await client.complete(reference, {"name": name, "value": ""})
            seen.note(f"completion of {template.uri_template}", " ".join(found.completion.values))
            uris += [template.uri_template.replace(f"{{{name}}}", value) for value in found.completion.values]
    for uri in uris:
        try:
            contents = (await client.read_resource(uri)).contents
        except Exception as error:
            seen.note(f"error of {uri}", str(error))
            continue
        for each in contents:
            if isinstance(each, TextResourceContents):
                is_json = each.mime_type == "application/json"
                seen.note(uri, each.text, json.loads(each.text) if is_json else None)


READING = (
    "get_session_status", "get_user", "get_dialogs", "get_call_log", "get_notifications", "wait_for_notification",
    "get_tasks", "get_media", "get_codes", "search_contacts", "get_team", "get_queues", "get_team_messages",
    "list_feeds",
)  # fmt: skip


async def an_agents_day(floor: Floor, client: Client, planter: Planter, seen: Seen) -> None:
    """Let an agent get a preview, a call and a chat, with planted data in each."""
    center, session = floor.simulator.center, floor.session
    start = session.journal.cursor
    await floor.ready()
    campaign = next(each.name for each in center.world.campaigns if each.mode == "DIRECT_PREVIEW")
    preview = center.customers.offer_record(
        campaign,
        "1001",
        planter.text("caller number of a record"),
        account="b1rthd4y",
        name=planter.text("caller name of a record"),
    )
    await floor.until(lambda: preview in session.mirror.dialogs)
    await call_every_tool(floor, client, seen, start, *READING, "schedule_callback", "send_request")
    await client.call_tool("answer_preview", {"answer": "REJECT"})
    await floor.until(lambda: preview not in session.mirror.dialogs)
    await client.call_tool("sign_in_media", {"media": "5001"})
    await client.call_tool("change_media_state", {"state": "READY", "media": "5001"})
    names = (
        *CALL_VARIABLES,
        *(f"{each.name}[0]" if each.size else each.name for each in center.world.ecc_variables),
    )
    center.customers.send_task("5001", {each: planter.text(f"caller task {each}") for each in names}, "1001")
    await floor.until(lambda: session.mirror.tasks)
    supervisor = center.state.agents[SUPERVISOR]
    center.team_messages.create(supervisor, planter.text("content of a message"), "600", ["310"])
    dialog = center.customers.call("8800", planter.text("caller number"), planter.variables(names))
    await floor.until(lambda: dialog in session.mirror.dialogs)
    await call_every_tool(floor, client, seen, start, *READING)
    await client.call_tool("answer_call", {"dialog_id": dialog})
    await read_every_resource(client, seen)
    await call_every_tool(floor, client, seen, start)
    await read_every_resource(client, seen)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the simulator's state has no event
            await asyncio.sleep(0.01)


async def a_supervisors_day(floor: Floor, client: Client, planter: Planter, seen: Seen) -> None:
    """Let a supervisor look at agents with calls, and get a call of its own."""
    center, session = floor.simulator.center, floor.session
    start = session.journal.cursor
    names = (*CALL_VARIABLES, "user.note", "user.Layout")
    colleague = center.colleague("1001")
    colleague.sign_in()
    colleague.change_state("READY")
    calls = center.customers.call("8800", planter.text("caller number"), planter.variables(names))
    await until(lambda: center.state.agents["1001"].state == "RESERVED")
    colleague.act("ANSWER", calls)
    await client.call_tool("sign_in", {"extension": SUPERVISOR_EXTENSION})
    center.team_messages.create(
        center.state.agents[SUPERVISOR], planter.text("content of a message"), "600", ["310"]
    )
    for feed in ("team:310", "queues"):
        await client.call_tool("subscribe_feed", {"feed": feed})
    await call_every_tool(floor, client, seen, start, *READING, "monitor_call", "barge_call")
    await read_every_resource(client, seen)
    await call_every_tool(floor, client, seen, start)
    dialog = center.customers.call(
        SUPERVISOR_EXTENSION, planter.text("caller second number"), planter.variables(names)
    )
    await floor.until(lambda: dialog in session.mirror.dialogs or session.status.state.final)
    await call_every_tool(floor, client, seen, start, *READING)
    await read_every_resource(client, seen)


def outside_quotes(text: str) -> str:
    """Return a tool's text without quoted parts and without lines that are marked as external."""
    lines = [line for line in text.splitlines() if not line.startswith("| ")]
    return " ".join("".join(line.split('"')[::2]) for line in lines)


def unmarked(value: Any) -> Iterator[str]:
    """Yield the texts of a structure that are not below ``caller_supplied``."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name != "caller_supplied":
                yield name
                yield from unmarked(item)
    elif isinstance(value, list):
        for item in value:
            yield from unmarked(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("user", "play"), [("1001", an_agents_day), (SUPERVISOR, a_supervisors_day)])
async def test_no_planted_data_is_revealed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, user: str, play: Any
) -> None:
    caplog.set_level(logging.DEBUG, logger="mcp_finesse")
    planter, seen = Planter(), Seen()
    async with planted(tmp_path, user, planter) as (floor, client, audit):
        seen.note("instructions", client.instructions or "")
        await play(floor, client, planter, seen)
        logs = "\n".join(f"{each.getMessage()} {each.exc_text or ''}" for each in caplog.records)
        recorded = audit.read_text("utf-8")
        called = {json.loads(line)["tool"] for line in recorded.splitlines()}
        assert called == {entry.name for each in TOOLSETS.values() for entry in each.tools}
    assert [(request, found) for request, text in seen.texts if (found := problems(text))] == []
    assert problems(logs) == []
    assert problems(recorded) == []
    assert MARKER not in logs
    assert MARKER not in recorded
    assert [request for request, text in seen.texts if MARKER in text and request.startswith("desc")] == []
    assert [(request, found) for request, text in seen.texts if (found := hidden_characters(text))] == []
    callers = [marker for marker, name in planter.markers.items() if "caller" in name or "variable" in name]
    told = [(r, outside_quotes(text)) for r, text in seen.texts if "JSON" not in r and "://" not in r]
    assert [(r, marker) for r, text in told for marker in callers if marker in text] == []
    shown = [(r, " ".join(unmarked(structure))) for r, structure in seen.structures]
    assert [(r, marker) for r, text in shown for marker in callers if marker in text] == []
    # The planted data was there to be found
    everything = "\n".join(text for _, text in seen.texts)
    missing = {planter.markers[marker] for marker in callers if marker not in everything}
    hidden = {f"caller task {name}" for name in HIDDEN_VARIABLES}
    # A preview does not show the number of its record
    assert missing <= hidden | {"caller number of a record"}, missing
    assert everything.count("[redacted]") > 100
