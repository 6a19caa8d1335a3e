"""The architecture page describes the way that an action and an event take, and answers where things are."""

from __future__ import annotations

import ast
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from mcp import Client
from pydantic import SecretStr

import mcp_finesse
from mcp_finesse.credentials import Credentials
from mcp_finesse.server import build_server
from mcp_finesse.session import FinesseSession, SessionConfig
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.docs.support import PACKAGE, table, tables

Step = tuple[str, str]


PAGE = "docs/contributing/architecture.md"
"""Every path of a module that these tests use is in a table of this page."""


def steps_of_page() -> list[list[Step]]:
    """Return files and names of each table of steps: of an action, of an event, of a connection."""
    return [
        [(row[0].strip("`"), row[1].strip("`")) for row in rows]
        for head, rows in tables(PAGE)
        if head[:2] == ["File", "Name"]
    ]


ACTION, EVENT, CONNECT = steps_of_page()
ANSWERS = [(row["File"].strip("`"), row["Name"].strip("`")) for row in table(PAGE, "Question")]
FURTHER = {row["Package"].strip("`") for row in table(PAGE, "Package") if row.get("What for")}


def names_in(path: Path) -> set[str]:
    """Return the functions, classes, methods and constants that a module defines."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}.{item.name}"
                for item in node.body
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
            }
    return found


def test_at_least_twenty_questions_are_answered() -> None:
    assert len(ANSWERS) >= 20


@pytest.mark.parametrize("step", [*ACTION, *EVENT, *CONNECT, *ANSWERS], ids=" ".join)
def test_files_and_names_exist(step: Step) -> None:
    file, name = step
    assert name in names_in(PACKAGE / file)


@contextmanager
def recorded_calls() -> Iterator[list[Step]]:
    """Record every call of a function of the package: its file and its name."""
    calls: list[Step] = []
    root = f"{Path(mcp_finesse.__file__).parent}/"

    def note(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(root):
            calls.append((code.co_filename.removeprefix(root), code.co_qualname))

    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def missed(steps: list[Step], calls: list[Step]) -> Step | None:
    """Return the first step that is not among the calls after the previous one, or None."""
    taken = iter(calls)
    for file, name in steps:
        if not any(
            path == file and (called == name or called.startswith(f"{name}.")) for path, called in taken
        ):
            return file, name
    return None


async def test_action_and_event_take_the_steps_of_the_page(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings(delay=0.05)) as simulator:
        config = SessionConfig(
            url=simulator.url,
            credentials=Credentials("1001", SecretStr("secret")),
            state_dir=tmp_path,
            make_tls=lambda: ssl.create_default_context(cafile=str(simulator.ca_file)),
        )
        async with Client(build_server(lambda: FinesseSession(config))) as client:
            await call(client, "sign_in", extension=4501)
            await call(client, "change_state", state="READY")
            cursor = (await call(client, "get_notifications"))["cursor"]
            simulator.center.customers.call("8800", "3125550142")
            await call(client, "wait_for_notification", kind="dialog", after=cursor)
            await call(client, "answer_call")
            await quiet(client)
            with recorded_calls() as calls:
                held = await call(client, "hold_call")
                await quiet(client)
            assert held["status"] == "confirmed"
    assert missed(ACTION, calls) is None
    assert missed(EVENT, calls) is None
    assert packages(calls) - packages([*ACTION, *EVENT]) <= FURTHER, "the page does not name these packages"


def packages(steps: list[Step]) -> set[str]:
    """Return the packages of the client that these steps are in; modules beside the packages have none."""
    found = {Path(file).parent.as_posix() for file, _ in steps}
    return {name for name in found if name != "." and not name.startswith("simulator")}


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool and return its structured content."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return result.structured_content or {}


async def quiet(client: Client) -> None:
    """Wait until no more notifications arrive."""
    answer = await call(client, "get_notifications", limit=1)
    while answer.get("status") != "nothing_yet":
        answer = await call(client, "wait_for_notification", after=answer["cursor"], timeout=0.2)


def test_missing_or_misplaced_step_is_detected() -> None:
    calls = [("a.py", "one"), ("b.py", "Two.run"), ("a.py", "three")]
    assert missed([("a.py", "one"), ("b.py", "Two"), ("a.py", "three")], calls) is None
    assert missed([("b.py", "Two"), ("a.py", "one")], calls) == ("a.py", "one")
