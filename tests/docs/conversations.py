"""The worked conversations of the guides: each one runs on the simulator, with the real tools and their results.

A conversation is a function that says what the user asks, calls tools as an assistant would, lets customers and
colleagues act in between, and says what the assistant answers. ``python -m tests.docs.generate`` writes it into its
guide. Ids and cursors that differ between runs are replaced; see ``steady``.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import tempfile
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Self

from mcp import Client
from mcp.types import ElicitRequestParams, ElicitResult, TextContent
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.server import Selection, build_server
from mcp_finesse.server.sessions import FinesseServer
from mcp_finesse.session import FinesseSession, SessionConfig
from mcp_finesse.simulator import Simulator, SimulatorSettings

_WIDTH = 112


class Conversation:
    """A user, an assistant and a simulated contact center; ``lines`` is what the guide shows.

    Attributes:
        simulator: the simulated Finesse.
        lines: the conversation so far.
    """

    def __init__(self, simulator: Simulator, server: FinesseServer) -> None:
        self.simulator = simulator
        self.lines: list[str] = []
        self._client = Client(server, elicitation_callback=self.agree)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._client.__aexit__(*error)

    def user(self, text: str) -> None:
        """Let the user ask for something."""
        self.lines += ["", f"User: {text}"] if self.lines else [f"User: {text}"]

    def assistant(self, text: str) -> None:
        """Let the assistant answer."""
        self.lines.append(f"Assistant: {text}")

    async def agree(self, context: object, params: ElicitRequestParams) -> ElicitResult:
        """Let the user agree to a question of the server, and show it once."""
        question = params.message.partition("\n")[0]
        self.lines += _wrapped(f"The client asks the user: {question}", "  ? ")
        self.lines.append("  ? The user confirms.")
        return ElicitResult(action="accept", content={"confirm": True})

    def event(self, text: str) -> None:
        """Note what happens outside the conversation."""
        self.lines += ["", f"({text})"]

    async def call(self, tool: str, status: str = "confirmed", **arguments: Any) -> dict[str, Any]:
        """Call a tool, show the call and its text, and check its status (``error`` for a tool error)."""
        given = ", ".join(
            f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in arguments.items()
        )
        result = await self._client.call_tool(tool, arguments)
        text = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
        data = dict(result.structured_content or {})
        found = "error" if result.is_error else str(data.get("status", status))
        assert found == status, f"{tool} ended {found}, not {status}: {text}"
        self.lines += _wrapped(f"{tool}({given})", "  > ")
        for line in text.splitlines():
            if not line.startswith("Cursor: "):
                self.lines += _wrapped(line, "    ")
        return data

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until a condition on the simulator's state holds."""
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - the simulator's state has no event
                await asyncio.sleep(0.01)

    async def until_shown(self, text: str, tool: str = "get_dialogs") -> None:
        """Wait until a tool that reads shows a text."""
        async with asyncio.timeout(10):
            while text not in str((await self._client.call_tool(tool, {})).structured_content):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def state_of(self, agent: str) -> str:
        """Return an agent's state at Finesse."""
        return str(self.simulator.center.truth()["users"][agent]["state"])


def _wrapped(text: str, start: str) -> list[str]:
    """Return text in lines; XML, which is long, is cut after the first."""
    if text.startswith("| <") and len(start + text) > _WIDTH:
        return [f"{start}{text}"[: _WIDTH - 4] + " ..."]
    return textwrap.wrap(
        text, _WIDTH, initial_indent=start, subsequent_indent="      ", break_on_hyphens=False
    )


@asynccontextmanager
async def _on(agent: str, *toolsets: str, administrator: bool = False) -> AsyncIterator[Conversation]:
    """Yield a conversation with an assistant that works as this agent, or as an administrator."""
    with tempfile.TemporaryDirectory() as folder:
        async with Simulator(SimulatorSettings(delay=0.01)) as simulator:
            secret = SecretStr("secret")
            admin = Credentials("admin", secret)
            config = SessionConfig(
                url=simulator.url,
                credentials=admin if administrator else Credentials(agent, secret),
                administrator=admin if administrator else None,
                agent=not administrator,
                state_dir=Path(folder),
                make_tls=lambda: ssl.create_default_context(cafile=str(simulator.ca_file)),
            )
            server = build_server(lambda: FinesseSession(config), selection=Selection([*toolsets]))
            async with Conversation(simulator, server) as talk:
                expected = "no_agent" if administrator else "ready"
                await talk.until_shown(f"'{expected}'", "get_session_status")
                yield talk


# -- the conversations


async def agents(talk: Conversation) -> None:
    """An agent takes a call, asks a colleague, transfers and wraps up."""
    center = talk.simulator.center
    ben = center.colleague("1002")
    ben.sign_in()
    talk.user("I'm at extension 4501. Sign me in and make me ready.")
    await talk.call("sign_in", extension="4501")
    await talk.call("change_state", state="READY")
    talk.assistant("You are signed in at 4501 and ready.")
    talk.event("a customer calls the sales queue")
    call = center.customers.call("8800", "3125550142", {"callVariable1": "order A-1007"})
    await talk.until_shown("ANSWER")
    talk.user("Who is that? Answer it.")
    await talk.call("get_dialogs")
    await talk.call("answer_call")
    talk.assistant("Connected to 3125550142 from North.Sales. The call data say: order A-1007.")
    talk.user("Ask Ben about it. If he takes the call, give it to him.")
    await talk.call("search_contacts", query="ben")
    consult = (await talk.call("consult_call", to_address="4502"))["dialog"]["id"]
    ben.act("ANSWER", consult)
    await talk.until_shown("'TRANSFER'")
    await talk.call("transfer_call")
    talk.assistant("Done: Ben is talking with the caller, and you are in wrap-up.")
    talk.user("Wrap it up as a sale.")
    await talk.call("wrap_up_call", reason="sale", dialog_id=call)
    talk.assistant('The wrap-up reason "Sale" is set.')


async def supervisors(talk: Conversation) -> None:
    """A supervisor looks for help needed, listens, joins and takes over."""
    center = talk.simulator.center
    for agent in ("1001", "1002"):
        center.colleague(agent).sign_in()
    center.colleague("1001").change_state("READY")
    await talk.until(lambda: talk.state_of("1001") == "READY")
    call = center.customers.call("8800", "3125550142")
    await talk.until(lambda: talk.state_of("1001") == "RESERVED")
    center.colleague("1001").act("ANSWER", call)
    await talk.until(lambda: talk.state_of("1001") == "TALKING")
    talk.user("Sign me in at 4500. Is Ben working?")
    await talk.call("sign_in", extension="4500")
    await talk.call("get_team", query="ben")
    talk.assistant("Ben Ito is signed in at 4502, but not ready.")
    talk.user("Make him ready. Then let me listen to Ada's call.")
    await talk.call("change_agent_state", agent="Ben", state="READY")
    await talk.call("monitor_call", agent="Ada")
    talk.assistant("Ben is ready. You hear Ada's call, and the others cannot hear you.")
    talk.user("I need to join in.")
    await talk.call("barge_call")
    talk.assistant("You, Ada and the customer are in a conference now.")


async def outbound(talk: Conversation) -> None:
    """An outbound agent postpones one preview, accepts another and stores a callback."""
    customers = talk.simulator.center.customers
    talk.user("Sign me in at 4503 and make me ready for the campaign.")
    await talk.call("sign_in", extension="4503")
    await talk.call("change_state", state="READY")
    customers.offer_record("Renewals", "1003", "2125550100", name="Zoë Smith", account="A-17")
    await talk.until_shown("ACCEPT")
    talk.user("Whom does the campaign want me to call?")
    await talk.call("get_dialogs")
    talk.assistant(
        "Zoë Smith, account A-17, for the campaign Renewals. Shall I accept, skip or close the contact?"
    )
    talk.user("Call her.")
    await talk.call("answer_preview", answer="ACCEPT")
    talk.assistant("Accepted. The dialer is calling her.")
    await talk.until_shown("UPDATE_SCHEDULED_CALLBACK")
    talk.user("She wants a callback on 1 May 2050 at noon.")
    await talk.call("schedule_callback", time="2050-05-01T12:00")
    talk.assistant("The callback is stored for 1 May 2050, 12:00 in her time zone.")


async def tasks(talk: Conversation) -> None:
    """A task agent takes a chat, pauses it, and closes it."""
    customers = talk.simulator.center.customers
    talk.user("Sign me in at 4501 and let me take chats, three at a time.")
    await talk.call("sign_in", extension="4501")
    await talk.call("sign_in_media", media="Cisco_Chat", max_dialog_limit=3)
    await talk.call("change_media_state", media="Cisco_Chat", state="READY")
    customers.send_task("5001", {"callVariable1": "order 7731"})
    await talk.until_shown("ACCEPT", "get_tasks")
    talk.user("Take the chat that is waiting and start on it.")
    await talk.call("accept_task")
    await talk.call("work_on_task", action="START")
    talk.assistant("The chat is active. It is about order 7731.")
    talk.user("That's done. Close it, and no more chats: I am going to lunch.")
    await talk.call("close_task")
    await talk.call("change_media_state", media="Cisco_Chat", state="NOT_READY", reason="Lunch")
    talk.assistant("The chat is closed, and you get no more chats.")


async def administrators(talk: Conversation) -> None:
    """An administrator adds a reason code for one team."""
    talk.user("Add a Not Ready reason Dentist with code 77, for team North only.")
    await talk.call("list_configuration", kind="ReasonCode", category="NOT_READY")
    await talk.call(
        "create_configuration",
        kind="ReasonCode",
        values={"category": "NOT_READY", "code": 77, "label": "Dentist", "for_all": False},
    )
    await talk.call(
        "change_team_assignments", team="North", kind="ReasonCode", category="NOT_READY", add=["Dentist"]
    )
    talk.assistant("Dentist (77) exists and is assigned to North. Agents see it with their next request.")


async def developers(talk: Conversation) -> None:
    """A developer looks at what Finesse answers and sends."""
    talk.user("What does Finesse answer to a GET of my user?")
    await talk.call("send_request", "200", method="GET", path="/finesse/api/User/1001")
    talk.user("Sign me in at 4501 and show me the notification as it arrived.")
    await talk.call("sign_in", extension="4501")
    await talk.call("get_raw_notification", number=1)
    talk.assistant("Notification 1 is the update of your user: NOT_READY at extension 4501.")


_SETTINGS: dict[Callable[[Conversation], Awaitable[None]], tuple[str, tuple[str, ...]]] = {
    agents: ("1001", ("agent",)),
    supervisors: ("1000", ("agent", "supervisor")),
    outbound: ("1003", ("agent", "outbound")),
    tasks: ("1001", ("agent", "tasks")),
    administrators: ("", ("admin",)),
    developers: ("1001", ("agent", "developer")),
}
NAMES = tuple(each.__name__ for each in _SETTINGS)


@cache
def conversation(name: str) -> str:
    """Hold a conversation and return it as a block of a page."""
    play = next(each for each in _SETTINGS if each.__name__ == name)
    agent, toolsets = _SETTINGS[play]

    async def hold() -> list[str]:
        async with _on(agent, *toolsets, administrator=not agent) as talk:
            await play(talk)
            return talk.lines

    return "```text\n" + steady("\n".join(asyncio.run(hold()))) + "\n```\n"


def steady(text: str) -> str:
    """Replace what differs from run to run: times, cursors, and seconds that passed."""
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "2026-11-30T11:02:45Z", text)
    text = re.sub(r"\b[0-9a-f]{8}:(\d+)\b", r"7fb20d0b:\1", text)
    text = re.sub(r"\bfor \d+ s since\b", "for 4 s since", text)
    return re.sub(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "REQUEST-ID", text)
