"""API coverage by operation, derived from the code, the simulator and the tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import anyio

from mcp_finesse.rest.operation import Operation, Role, operations_of
from mcp_finesse.rest.raw_operations import UNCONFIRMED
from mcp_finesse.server.policy.tool_entry import ToolEntry
from mcp_finesse.server.toolsets.selection import TOOLSETS
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.docs.support import ROOT
from tests.rest.declared import all_operations, senders
from tests.simulator.support_rest import client_of

DOCUMENTED = Path(__file__).parent / "operations.txt"
REST_TESTS = ROOT / "tests" / "rest"
FREE = "send_request"
FREE_TEST = "tests/server/tools/test_developer.py"
HEAD = (
    "Operation", "Request", "Role", "Platforms", "Since", "Function", "Tool", "Simulator", "Test", "Confidence",
)  # fmt: skip

_PLATFORMS = ("UCCE", "UCCX")
_USERS = {Role.ADMINISTRATOR: "admin", Role.SUPERVISOR: "1000"}
# The ids in paths that the simulator knows; any other variable is 1.
_IDS = {"User/{id}": "User/1001", "Team/{id}": "Team/310", "{teamId}": "310", "Queue/{id}": "Queue/77"}


@cache
def catalogue() -> tuple[Operation, ...]:
    """Return every operation that the REST layer declares."""
    return all_operations()


def function_of(operation: Operation) -> str:
    """The function that sends an operation, as dotted name; empty where only a raw request does."""
    return next(iter(senders().get(operation, ())), "")


def documented() -> list[tuple[str, str, str]]:
    """Return every documented operation: name, method and path."""
    lines = (line for line in DOCUMENTED.read_text().splitlines() if line and not line.startswith(("#", "[")))
    return [_three(line) for line in lines]


def _three(line: str) -> tuple[str, str, str]:
    name, method, path = (part.strip() for part in line.split(" | "))
    return name, method, path


def families() -> dict[str, list[Operation]]:
    """Return the operations by family, in the order of the documentation, undocumented ones last."""
    known = {each.name: each for each in catalogue()}
    order = [name for name, _, _ in documented() if name in known]
    order += [name for name in known if name not in order]
    found: dict[str, list[Operation]] = {}
    for name in order:
        found.setdefault(name.partition(":")[0], []).append(known[name])
    return found


# -- which tool


def entries() -> list[ToolEntry]:
    """Return the entries of all tools."""
    return list({entry.name: entry for toolset in TOOLSETS.values() for entry in toolset.tools}.values())


def used_by(entry: ToolEntry) -> tuple[str, ...]:
    """Return the names of the operations that a tool is for, found through what its entry refers to."""
    return tuple(each.name for each in operations_of(*entry.uses))


def read_by(entry: ToolEntry) -> tuple[str, ...]:
    """Return the names of the operations with which a tool finds an object, or sees what became of a change."""
    return tuple(each.name for each in operations_of(*entry.reads))


def tools_of(operation: Operation) -> list[str]:
    """Return the tools that use an operation, or the tool that can send any request."""
    return [entry.name for entry in entries() if operation.name in used_by(entry)] or [FREE]


_BY_STATE = {"LOGIN": "User: sign in", "LOGOUT": "User: sign out"}


def operation_of(method: str, path: str, body: str = "", platform: str = "UCCE") -> str:
    """Return the operation of a request, from its path and the action or state in its body."""
    if action := re.search(r"<requestedAction>(\w+)<", body):
        return f"Dialog: {action[1]}"
    if path.count("/") == 4 and (state := re.search(r"^<User>.*<state>(\w+)<", body, re.DOTALL)):
        return _BY_STATE.get(state[1], "User: change agent state")
    fitting = [
        each
        for each in catalogue()
        if each.method == method
        and platform in each.platforms
        and re.fullmatch(re.sub(r"\\{\w+\\}", r"[^/]+", re.escape(each.path)), path)
    ]
    # A literal path is a better match than one with variables.
    return min(fitting, key=lambda each: each.path.count("{")).name


# -- what the simulator serves


@cache
def served() -> Mapping[str, tuple[str, ...]]:
    """Return the platforms on which the simulator serves each operation, determined by requesting it."""
    return anyio.run(_ask_all)


async def _ask_all() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {each.name: () for each in catalogue()}
    for platform in _PLATFORMS:
        settings = SimulatorSettings(platform=platform, tls=False, tcp_port=None)  # type: ignore[arg-type]
        async with Simulator(settings) as simulator:
            for each in catalogue():
                if platform in each.platforms and await _serves(simulator, each):
                    found[each.name] += (platform,)
    return found


async def _serves(simulator: Simulator, operation: Operation) -> bool:
    path = operation.path
    if not path.startswith("/"):
        return False
    for variable, value in _IDS.items():
        path = path.replace(variable, value)
    user = _USERS.get(operation.role, "1001")
    async with client_of(simulator, user, http2=False) as client:
        answer = await client.http.request(
            operation.method, re.sub(r"\{\w+\}", "1", path), auth=(user, "secret")
        )
    known = answer.status_code != 404 or b"<ApiError>" in answer.content
    return known and answer.status_code not in (405, 501) and b"No such resource" not in answer.content


# -- which test


@cache
def test_modules() -> Mapping[str, frozenset[str]]:
    """Return the test modules of the REST layer with the functions that they, or their lists of calls, name."""
    paths = sorted(path for path in REST_TESTS.rglob("*.py"))
    named = {path: set(_named_in(path)) for path in paths}
    found = {}
    for path in paths:
        if path.name.startswith("test_"):
            own = set(named[path])
            for other in _imported(path):
                own |= named.get(other, set())
            found[path.relative_to(ROOT).as_posix()] = frozenset(own)
    return found


def _named_in(path: Path) -> Iterator[str]:
    """Yield the names of called or passed functions, with and without their module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            yield node.attr
            if isinstance(node.value, ast.Name):
                yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").rpartition(".")[2]
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _imported(path: Path) -> Iterator[Path]:
    """Yield the support modules that a test module imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests.rest"):
            yield ROOT / f"{(node.module or '').replace('.', '/')}.py"


def test_of(operation: Operation) -> str:
    """Return the test module that calls the function of an operation, or an empty string.

    The module of its family is preferred, then one that calls all functions.
    """
    function = function_of(operation)
    if not function:
        return FREE_TEST
    family, _, name = function.rpartition(".")
    module = family.rpartition(".")[2]
    dotted = f"{module}.{name}"
    plain = family.startswith("admin.")  # the functions of administrators are imported by their own names
    fitting = [path for path, names in test_modules().items() if dotted in names or (plain and name in names)]
    own = [path for path in fitting if path.endswith(f"/test_{module}.py")]
    for_all = [path for path in fitting if path.endswith("/test_requests.py")]
    return next(iter(own or for_all or fitting), "")


# -- the table


@dataclass(frozen=True)
class Row:
    """The cells of one operation, in the order of ``HEAD``."""

    cells: tuple[str, ...]


def row(operation: Operation) -> Row:
    """Return the row of an operation."""
    platforms, function = served()[operation.name], function_of(operation)
    return Row(
        (
            operation.name,
            f"`{operation.method} {operation.path}`" if operation.path.startswith("/") else operation.path,
            str(operation.role),
            ", ".join(sorted(operation.platforms)),
            operation.since or "every release",
            f"`{function}`" if function else f"`{FREE}`",
            ", ".join(f"`{name}`" for name in tools_of(operation)),
            ", ".join(platforms) or "no",
            test_of(operation).removeprefix("tests/"),
            _confidence(operation),
        )
    )


def _confidence(operation: Operation) -> str:
    if operation in UNCONFIRMED:
        return f"unconfirmed: {operation.unconfirmed}"
    if operation.unconfirmed:
        return f"confirmed. Unclear: {operation.unconfirmed}"
    return "confirmed"


def numbers() -> tuple[int, int, int]:
    """Return the number of operations, of those with a function, and of those that the simulator serves."""
    every = catalogue()
    typed = sum(bool(function_of(each)) for each in every)
    return len(every), typed, sum(bool(platforms) for platforms in served().values())


def rows_by_family() -> Iterable[tuple[str, list[Row]]]:
    """Return the rows of each family."""
    return [(family, [row(each) for each in found]) for family, found in families().items()]
