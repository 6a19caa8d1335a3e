"""Test tools: a simulator without TLS, its administrator and an agent, and valid bodies for every kind of object."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import Platform, SimulatorSettings
from mcp_finesse.simulator.world.world import World
from tests.simulator.support_rest import Client, client_of


@dataclass(frozen=True)
class UserClients:
    """The simulator and the two users of a test."""

    simulator: Simulator
    admin: Client
    agent: Client


@asynccontextmanager
async def user_clients(platform: Platform = "UCCE", world: World | None = None) -> AsyncIterator[UserClients]:
    settings = SimulatorSettings(tls=False, tcp_port=None, platform=platform)
    async with (
        Simulator(settings, world) as simulator,
        client_of(simulator, "admin", http2=False) as admin,
        client_of(simulator, "1001", http2=False) as agent,
    ):
        yield UserClients(simulator, admin, agent)


LAYOUT = "&lt;finesseLayout xmlns='http://www.cisco.com/vtg/finesse'/&gt;"
ENTRY = "<entry><displayName>a</displayName><mediaProperty>callVariable1</mediaProperty></entry>"
GOOD: dict[str, str] = {
    "ReasonCode": "<category>NOT_READY</category><code>77</code><label>Tea</label><forAll>true</forAll>",
    "WrapUpReason": "<label>Sold</label><forAll>true</forAll>",
    "MediaPropertiesLayout": f"<name>Retail</name><header>{ENTRY}</header><column>{ENTRY}</column><column/>",
    "PhoneBook": "<name>Suppliers</name><type>GLOBAL</type>",
    "Contact": "<firstName>Ina</firstName><phoneNumber>5550111</phoneNumber>",
    "WorkflowAction": "<name>Pop</name><type>BROWSER_POP</type><params><Param><name>path</name><value>x</value></Param>"
    "</params>",
    "Workflow": "<name>Flow</name><TriggerSet><type>SYSTEM</type><name>CALL_ARRIVES</name></TriggerSet>",
}


def path_of(kind: str) -> str:
    """Return the path of a kind of object, without an id."""
    return "PhoneBook/1/Contact" if kind == "Contact" else kind


def body(kind: str, inner: str | None = None) -> str:
    """Return a request body."""
    return f"<{kind}>{GOOD[kind] if inner is None else inner}</{kind}>"


async def create(admin: Client, kind: str, inner: str | None = None) -> str:
    """Create an object; return its id."""
    answer = await admin.send("POST", path_of(kind), body(kind, inner))
    assert (answer.status_code, answer.content) == (200, b""), answer.text
    return str(answer.headers["Location"]).rpartition("/")[2]


def texts(nodes: Any, name: str) -> list[str]:
    """Return one field of every object in a list."""
    return [node.findtext(name) for node in nodes]
