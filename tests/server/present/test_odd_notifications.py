"""Whatever a notification contains, every reading tool and resource can show it."""

from __future__ import annotations

import json
import random
from xml.sax.saxutils import escape

import pytest
from mcp.client import Client

from mcp_finesse.model import (
    Dialog,
    Media,
    Queue,
    SystemInfo,
    Team,
    TeamMessage,
    TeamRef,
    User,
    WireModel,
)
from mcp_finesse.server import Selection
from mcp_finesse.session.state.receiver import Receiver
from mcp_finesse.xmpp import FeedEvent
from tests.mirrored import set_user
from tests.server.support import WHEN, ScriptedSession, connected, signed_in, text_of
from tests.server.support_groups import member, message, queue, team

NODES = (
    "/finesse/api/User/1001",
    "/finesse/api/User/1001/Dialogs",
    "/finesse/api/User/1001/Media",
    "/finesse/api/User/1001/Dialogs/Media",
    "/finesse/api/User/1001/Queues",
    "/finesse/api/SystemInfo",
    "/finesse/api/Team/310/Users",
    "/finesse/api/Team/310/TeamMessages",
    "/finesse/api/Queue/7",
    "/finesse/api/User/1002/Dialogs",
    "",
    "a b/\u202e?#",
)
OBJECTS = [
    "user",
    "dialog",
    "dialogs",
    "media",
    "queue",
    "queues",
    "team",
    "teamMessage",
    "systemInfo",
    "apiErrors",
    "apiError",
    "weather",
]
VALUES = (
    "", " ", "1001", "310", "7", "1_2", "-1", "true", "READY", "ALERTING", "Voice", "Chat", "9" * 400, "NaN",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "2026-13-45T99:99", "\u00b2", "\U0001f600" * 5000,
    "/finesse/api/User/1001", "/", "//", "x" * 5000, "\"'&<>]]>", "{}", "%s%n",
)  # fmt: skip

ODD = (
    "<dialog/>",
    "<dialog><state>ACTIVE</state></dialog>",
    "<dialog><uri>/</uri><state>ACTIVE</state></dialog>",
    "<dialogs><Dialog><state>ACTIVE</state></Dialog></dialogs>",
    "<dialogs><Dialog><state>ACTIVE</state></Dialog><Dialog><id>1_2</id></Dialog></dialogs>",
    "<user/>",
    "<user><state>READY</state></user>",
    "<user><firstName>Ada</firstName></user>",
    "<media/>",
    "<media><state>READY</state></media>",
    "<queue><statistics><callsInQueue>x</callsInQueue></statistics></queue>",
    "<queues><Queue><name>q</name></Queue></queues>",
    "<team><users><User><state>READY</state></User></users></team>",
    "<teamMessage><content>hi</content></teamMessage>",
    "<systemInfo/>",
    "<team/>",
    "<team><users/></team>",
    "<team><users><User/><User><id>1</id></User></users></team>",
    "<queue/>",
    "<queues/>",
    "<queues><Queue/></queues>",
    "<queue><id>7</id><statistics/></queue>",
    "<teamMessage/>",
    "<teamMessage><id>5</id><teams/></teamMessage>",
    "<apiErrors/>",
    "<apiErrors><apiError/></apiErrors>",
    "<apiErrors><apiError><errorMessage>m</errorMessage></apiError></apiErrors>",
)
READING = (
    ("get_session_status", {}),
    ("get_user", {}),
    ("get_dialogs", {}),
    ("get_tasks", {}),
    ("get_media", {}),
    ("get_notifications", {"limit": 50}),
    ("get_notifications", {"after": "life:0", "limit": 50}),
    ("wait_for_notification", {"after": "life:0", "timeout": 0}),
    ("wait_for_notification", {"after": "life:0", "timeout": 0, "object_id": "1001", "field": "state"}),
    (
        "wait_for_notification",
        {"after": "life:0", "timeout": 0, "kind": "dialog", "field": "participants.state"},
    ),
    ("list_feeds", {}),
    ("get_team", {"calls": True}),
    ("get_queues", {}),
    ("get_team_messages", {}),
    ("get_call_log", {}),
    ("get_raw_notification", {"number": 1}),
)
RESOURCES = (
    "finesse://session",
    "finesse://user",
    "finesse://dialogs",
    "finesse://tasks",
    "finesse://notifications",
    "finesse://notifications/dialogs",
    "finesse://teams/310",
    "finesse://queues/7",
    "finesse://notifications?after=life%3A0&limit=50",
)
NAMES = sorted(
    {
        name
        for model in (Dialog, Media, Queue, SystemInfo, Team, TeamMessage, User)
        for name in model.__pydantic_fields__
        if issubclass(model, WireModel)
    }
)


def wire(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def tree(chance: random.Random, depth: int) -> str:
    """Return an element with a known or unknown name, with text, children or nothing."""
    name = wire(chance.choice(NAMES)) if chance.random() < 0.9 else "odd"
    if depth <= 0 or chance.random() < 0.5:
        return f"<{name}>{escape(chance.choice(VALUES))}</{name}>"
    return f"<{name}>{''.join(tree(chance, depth - 1) for _ in range(chance.randrange(4)))}</{name}>"


def payload(chance: random.Random) -> str:
    if chance.random() < 0.3:
        data = chance.choice(ODD)
    else:
        name = chance.choice(OBJECTS)
        data = f"<{name}>{''.join(tree(chance, 3) for _ in range(chance.randrange(6)))}</{name}>"
    event = chance.choice(["PUT", "POST", "DELETE", "", "ODD"])
    source = chance.choice([*NODES, *VALUES])
    return f"<Update><data>{data}</data><event>{event}</event><source>{escape(source)}</source></Update>"


def receiver_of(session: ScriptedSession) -> Receiver:
    return Receiver(
        session.journal,
        session.mirror,
        on_errors=lambda _: None,
        on_system=lambda _: None,
        on_loss=lambda _: None,
    )


def supervisor() -> ScriptedSession:
    """Return a session whose team, queues and messages were read, so that notifications change them."""
    session = signed_in()
    assert session.mirror.user is not None
    set_user(
        session.mirror,
        session.mirror.user.model_copy(
            update={"roles": ["Agent", "Supervisor"], "teams": [TeamRef(id="310", name="North")]}
        ),
    )
    session.team_reader.known = {"310": team("310", "North", member("1002", "Ben Ito", "READY"))}
    session.team_reader.listed = [queue("7", "Sales", calls_in_queue=1)]
    session.team_reader.others = {"7": session.team_reader.listed[0]}
    session.team_reader.shown = [message("5", "Hello", "310")]
    session.mirror.team_store.merge("310", session.team_reader.known["310"])
    session.mirror.queue_store.merge(session.team_reader.listed)
    return session


async def show_everything(client: Client) -> None:
    for tool, arguments in READING:
        result = await client.call_tool(tool, arguments)
        text = text_of(result)
        # After a notification of a user without a team, the session no longer has one.
        assert not result.is_error or "reported no team for this agent" in text, f"{tool}: {text}"
        assert "cannot be shown" not in text
        assert len(json.dumps(result.structured_content)) < 2_000_000
    for uri in RESOURCES:
        contents = (await client.read_resource(uri)).contents
        assert "cannot be shown" not in str(contents)


def everything() -> Selection:
    return Selection(toolsets=("tasks", "developer", "agent", "supervisor"))


@pytest.mark.parametrize("data", ODD)
@pytest.mark.parametrize("node", [*NODES[:3], *NODES[6:9]])
async def test_object_without_id_or_fields_can_be_shown(data: str, node: str) -> None:
    session = supervisor()
    receiver_of(session).take(
        FeedEvent(
            node, f"<Update><data>{data}</data><source>{node}</source></Update>", "i1", None, False, (), WHEN
        )
    )
    async with connected(session, selection=everything()) as client:
        await show_everything(client)


@pytest.mark.parametrize("seed", range(8))
async def test_random_notifications_can_be_shown(seed: int) -> None:
    chance, session = random.Random(seed), supervisor()
    receiver = receiver_of(session)
    async with connected(session, selection=everything()) as client:
        for number in range(200):
            receiver.take(
                FeedEvent(
                    chance.choice(NODES), payload(chance), f"i{number}", None, chance.random() < 0.1, (), WHEN
                )
            )
            assert session.journal.newest >= number + 1 - sum(entry.repeats for entry in session.journal)
            if number % 20 == 0:
                await show_everything(client)
        await show_everything(client)


async def test_notification_whose_summary_fails_does_not_hide_others(monkeypatch: pytest.MonkeyPatch) -> None:
    session = signed_in()
    receiver = receiver_of(session)
    for number, data in enumerate(("<dialog><id>1</id></dialog>", "<user><state>READY</state></user>")):
        receiver.take(
            FeedEvent(NODES[0], f"<Update><data>{data}</data></Update>", f"i{number}", None, False, (), WHEN)
        )

    def fail(*_: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr("mcp_finesse.server.present.journal_view.dialog_summary", fail)
    async with connected(session) as client:
        result = await client.call_tool("get_notifications", {})
    assert "This notification cannot be shown (RuntimeError)" in text_of(result)
    assert "agent" in text_of(result)
