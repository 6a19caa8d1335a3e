"""Targets: what an MCP client can send to tools and resources."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import cache
from types import SimpleNamespace
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import (
    ResourceError,
    ToolError,
    UnexpectedResourceError,
    UnexpectedToolError,
)
from mcp.shared.exceptions import MCPError

from mcp_finesse.errors import FinesseError, InvalidRequestError
from mcp_finesse.model import parse_update
from mcp_finesse.server import Selection, build_server
from mcp_finesse.server.arguments import conditions as waiting
from mcp_finesse.server.arguments.callback_times import local_time
from mcp_finesse.server.arguments.deadlines import deadline
from mcp_finesse.server.arguments.notification_matcher import NotificationMatcher
from mcp_finesse.server.present import uris
from mcp_finesse.server.sdk.requests import _current
from mcp_finesse.server.sdk.server import CheckedTool
from mcp_finesse.session import Entry, Journal
from tests.fuzz import samples
from tests.fuzz.byte_source import WORDS, ByteSource
from tests.fuzz.loop import run
from tests.fuzz.scripted_finesse import WHEN, ScriptedFinesse
from tests.fuzz.target import Target, expect

MAX_RESULT = 400_000


class Served:
    """A server with all tools on a scripted session.

    Attributes:
        server: the server.
        tools: its tools.
        context: the context of a request.
    """

    def __init__(self, confirm: str) -> None:
        self.session = ScriptedFinesse()
        self.server = build_server(self.session, selection=Selection(["all"]), confirm=confirm)
        found: Any = self.server._tool_manager.list_tools()
        self.tools: Sequence[CheckedTool] = found
        self.request: Any = SimpleNamespace(
            session=SimpleNamespace(
                client_params=None,
                client_capabilities=None,
                _connection=SimpleNamespace(state={}),
                report_progress=_nothing,
            ),
            protocol_version="2025-11-25",
            headers=None,
            request_id=1,
            meta=None,
            request=None,
        )
        self.context: Any = Context(request_context=self.request, mcp_server=self.server)
        self._stack = AsyncExitStack()

    async def open(self) -> None:
        """Open the session."""
        await self._stack.enter_async_context(self.server.sessions.running())


async def _nothing(*_: object, **__: object) -> None:
    return None


@cache
def served(confirm: str = "auto") -> Served:
    """Return a server of this process. With ``auto`` it confirms many tool calls, with ``never`` it executes them."""

    async def opened() -> Served:
        made = Served(confirm)
        await made.open()
        return made

    return run(opened())


def call_tool(data: bytes) -> None:
    """Call a tool with JSON values of all kinds: known and unknown arguments, valid, invalid and strange values."""
    source = ByteSource(data)
    here = served(source.choice(("never", "auto")))
    tool = here.tools[source.below(len(here.tools))]
    arguments = arguments_of(tool, source)
    sent = json.loads(json.dumps(arguments))
    try:
        result: Any = run(here.server.call_tool(tool.name, sent, here.context))
        text = json.dumps(result.structured_content) if result.structured_content else ""
    except UnexpectedToolError as error:
        raise error.__cause__ or error from None
    except (ToolError, FinesseError) as error:
        text = str(error)
    expect(len(text) < MAX_RESULT, f"The result of {tool.name} has {len(text)} characters.")


def arguments_of(tool: CheckedTool, source: ByteSource) -> dict[str, Any]:
    """Return arguments for a tool. Waits return immediately."""
    properties: dict[str, Any] = tool.parameters.get("properties", {})
    required = tool.parameters.get("required", ())
    arguments: dict[str, Any] = {}
    for name, schema in properties.items():
        if name in required or source.byte() & 1:
            arguments[name] = argument(schema, source)
    if source.byte() > 230:
        arguments[source.text((*properties, *WORDS))] = source.value()
    timeout = arguments.get("timeout", 0)
    if "timeout" in properties and (timeout is None or isinstance(timeout, int | float)):
        arguments["timeout"] = 0
    return arguments


def argument(schema: dict[str, Any], source: ByteSource) -> Any:
    """Return a value for an argument: usually of the right type, sometimes of another one."""
    form = source.byte()
    if form > 220:
        return source.value()
    known: list[Any] = schema.get("enum", []) + [
        each for one in schema.get("anyOf", ()) for each in one.get("enum", ())
    ]
    if known and form < 180:
        return source.choice(known)
    kinds = schema.get("type") or [one.get("type") for one in schema.get("anyOf", ())]
    kinds = [kinds] if isinstance(kinds, str) else [kind for kind in kinds if kind != "null"]
    match kinds[0] if kinds else "string":
        case "boolean":
            return source.choice((True, False))
        case "integer" | "number":
            return source.choice((0, 1, 2, 50, 51, 600, -1, 1.5, 10**18))
        case "array":
            return [
                {"name": source.text(), "value": source.text()}
                if "properties" in str(schema)
                else source.text()
                for _ in range(source.below(4))
            ]
        case _:
            if "JSON" in str(schema.get("description")) or form > 200:
                return json.dumps(source.value())
            return source.text()


def read_cursor(data: bytes) -> None:
    """Read the journal with any text as the cursor."""
    source = ByteSource(data)
    cursor = (
        source.text() if data[:1] < b"\x80" else f"{source.choice(('life', '', 'other'))}:{source.text()}"
    )
    journal = _journal()
    try:
        page = journal.read(cursor, source.below(60))
    except InvalidRequestError:
        return
    expect(page.cursor.startswith("life:"), "The next cursor is not of this journal.")
    again = journal.read(page.cursor, 60)
    expect(not (page.left_out == 0 and again.entries), "A complete page is followed by older entries.")


@cache
def _journal() -> Journal:
    journal = Journal(4, epoch="life")
    for document in samples.UPDATES[:6]:
        update = parse_update(document)
        journal.append(Entry("dialogs", update.kind, payload=update, raw=document, received_at=WHEN))
    return journal


def read_uri(data: bytes) -> None:
    """Read a resource and complete a template, for any URI."""
    here, source = served(), ByteSource(data)
    uri = source.choice(_URIS) + source.text() if data[:1] < b"\xc0" else source.text()
    if source.byte() & 1:
        uri = (
            uri.replace("{id}", source.text())
            .replace("{feed}", source.text())
            .replace("{topic}", source.text())
        )
    token = _current.set(here.request)
    try:
        contents: Any = run(here.server.read_resource(uri, here.context))
        list(contents)
    except UnexpectedResourceError as error:
        raise error.__cause__ or error from None
    except (ResourceError, MCPError):
        pass
    finally:
        _current.reset(token)
    uris.feed(source.text().encode("utf-8", "replace").decode())


_URIS = (
    uris.SESSION, uris.USER, uris.DIALOGS, uris.TASKS, uris.NOTIFICATIONS, f"{uris.DIALOGS}/", f"{uris.TEAMS}/",
    f"{uris.QUEUES}/", f"{uris.NOTIFICATIONS}?after=", f"{uris.NOTIFICATIONS}?limit=", f"{uris.NOTIFICATIONS}/",
    f"{uris.REFERENCE}/", uris.DIALOG_TEMPLATE, uris.SINCE_TEMPLATE, "finesse://", "finesse:", "file:///",
    f"{uris.DIALOGS}/331", f"{uris.TEAMS}/310", f"{uris.QUEUES}/1", f"{uris.NOTIFICATIONS}?limit=5&after=life:1&",
)  # fmt: skip
_FIELDS = (
    "state", "participants.state", "my_state", "longest_wait_seconds", "seconds_in_state", "call_variables.user.order",
    "call_variables.callVariable1",
    "statistics.calls_in_queue", "calls_waiting", "reason", "reason_code.label", "since",
    "teams.name", "media_properties.call_variables.value", "extra.a.b", "other", "users.state", "routable", "queue",
)  # fmt: skip
_VALUES = (
    "READY", "not ready", ">=", ">= 5", "<=5", "!= READY", "=", "changed", "> 2026-01-01T00:00:00Z",
    "<0001-01-01T00:00Z",
    "> 9999-12-31T23:59:59-14:00", "= true", "HELD", "> nan", "< inf", ">= 1e400", "= ", "North",
)  # fmt: skip
_KINDS = (
    None,
    "user",
    "dialog",
    "dialogs",
    "queue",
    "team",
    "media",
    "system_info",
    "error",
    "other",
    "team_message",
)
_FEEDS = (None, "user", "dialogs", "team:310", "queue:1", "queues", "system", "media", "odd", "")


def match(data: bytes) -> None:
    """Wait for any conditions while notifications arrive."""
    source = ByteSource(data)
    kind, feed = source.choice(_KINDS), source.choice(_FEEDS)
    field = source.text((*_FIELDS, *_FIELDS, *WORDS)) if source.byte() & 1 else None
    value = source.text((*_VALUES, *_VALUES, *WORDS)) if source.byte() & 1 else None
    also = [
        f"{source.text((*_FIELDS, *WORDS))} {source.text((*_VALUES, *WORDS))}" for _ in range(source.below(3))
    ]
    wanted = waiting.conditions(field, value, also)
    waiting.check(wanted, kind, feed)
    for condition in wanted:
        str(condition)
    matcher = NotificationMatcher(
        feed, kind, source.choice((None, "331", "1001", "")), wanted, lambda: waiting.Context(WHEN, "4501")
    )
    found = [matcher.ends(entry) for entry in _received() for _ in range(1)]
    expect(len(found) == len(_received()), "An entry was not matched.")
    matcher.find([each.payload.dialog for each in _received() if each.payload and each.payload.dialog])


@cache
def _received() -> list[Entry]:
    journal = Journal(epoch="life")
    for document in (*samples.UPDATES, *samples.UPDATES):
        update = parse_update(document)
        journal.append(
            Entry("dialogs", update.kind, object_id=update.object_id or "", payload=update, received_at=WHEN)
        )
    journal.append_gap("a test", WHEN, None)
    return list(journal)


def read_time(data: bytes) -> None:
    """Parse a deadline and a callback time."""
    text = data.decode("utf-8", "replace")
    for read in (lambda: deadline(text, WHEN), lambda: local_time(text)):
        try:
            read()
        except InvalidRequestError:
            continue


TARGETS = (
    Target("tools", call_tool),
    Target("cursors", read_cursor),
    Target("uris", read_uri),
    Target("conditions", match),
    Target(
        "times",
        read_time,
        lambda: [
            b"2026-11-22T12:05:00+01:00",
            b"in 2 minutes",
            b"120",
            b"2026-11-22 15:30",
            b"0001-01-01T00:00:00+14:00",
            b"9999-12-31T23:59:59-14:00",
        ],
        (
            b"+23:59",
            b"-23:59",
            b"Z",
            b"0001-01-01",
            b"9999-12-31",
            b"24:00",
            b"hours",
            b"999999",
            "१".encode(),
        ),
    ),
)
