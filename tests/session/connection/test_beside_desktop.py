"""A session in addition to the agent's Finesse desktop: neither misses events or loses subscriptions.

The desktop is played by raw WebSocket frames. An automatic feed reaches every session of an agent
(``all``) or the latest active one (``latest``, stock Openfire), so the tests run with both.
"""

from __future__ import annotations

import asyncio
import ssl
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from mcp_finesse.session import FinesseSession, SessionTiming
from mcp_finesse.session.actions.agent import change_state
from mcp_finesse.session.actions.calls import hold_call
from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.xmpp import LinkTiming, PresencePriority
from tests.session.support import AGENT, EXTENSION, LINK_TIMING, Floor, config_for
from tests.simulator.support_xmpp import DIALOGS_NODE, DOMAIN, LIMIT, NS, TEAM_NODE, USER_NODE, RawClient

BARE = f"{AGENT}@{DOMAIN}"
DESKTOP = f"{BARE}/desktop"
WIDGET = f"{BARE}/some-widget"
OWN_NODES = (USER_NODE, DIALOGS_NODE)

routings = pytest.mark.parametrize("routing", ["all", "latest"])
orders = pytest.mark.parametrize("first", ["desktop", "ours"])


class Desktop:
    """A session with resource ``desktop`` that records the nodes of its notifications."""

    def __init__(self, client: RawClient) -> None:
        self.client = client
        self.nodes: list[str] = []
        self._answers: asyncio.Queue[str] = asyncio.Queue()

    @classmethod
    @asynccontextmanager
    async def logged_in(cls, simulator: Simulator) -> AsyncIterator[Desktop]:
        """Log in, subscribe to the team as a supervisor's desktop does, send presence and keep reading."""
        trust = ssl.create_default_context(cafile=str(simulator.ca_file))
        async with connect(
            simulator.ws_url, ssl=trust, subprotocols=[Subprotocol("xmpp")], proxy=None
        ) as websocket:
            client = RawClient(websocket)
            await client.log_in(AGENT, "desktop")
            assert client.jid == DESKTOP
            assert (await client.subscribe(TEAM_NODE)).get("type") == "result"
            desktop = cls(client)
            reading = asyncio.create_task(desktop._read())
            await client.send_presence()
            await desktop.be_active()
            try:
                yield desktop
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def be_active(self) -> None:
        """Send a ping and await its result: now this is the latest active session and has read what came before."""
        ping = f"<iq xmlns='jabber:client' type='get' id='p' to='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>"
        await self.client.send(ping)
        async with asyncio.timeout(LIMIT):
            assert await self._answers.get() == "result"

    async def _read(self) -> None:
        async for text in self.client.websocket:
            stanza = ET.fromstring(text)
            if stanza.tag.endswith("}iq"):
                self._answers.put_nowait(stanza.get("type", ""))
            items = stanza.find("event:event/event:items", NS)
            if items is not None:
                self.nodes.append(items.get("node", ""))


class Deployment(Floor):
    """Our session, the agent's desktop and what Finesse published for the agent."""

    desktop: Desktop
    published: list[Publication]

    def subscriptions(self) -> set[tuple[str, str]]:
        """Return the subscribed node and address pairs."""
        table = self.simulator.notifications.subscriptions
        return {(row.node, str(row.jid)) for row in table.owned_by(Jid.parse(BARE))}

    def foreign_subscriptions(self) -> set[tuple[str, str]]:
        """Return the subscriptions that do not belong to our sessions."""
        return {(node, jid) for node, jid in self.subscriptions() if "/mcp-finesse-" not in jid}

    @property
    def priorities(self) -> list[int | None]:
        """The presence priorities of our sessions on the server."""
        sessions = self.simulator.notifications.sessions
        return [each.priority for each in sessions if "mcp-finesse-" in str(each.jid)]

    async def until_priorities(self, *expected: int, seconds: float = 5.0) -> None:
        """Wait until our sessions have these priorities on the server."""
        async with asyncio.timeout(seconds):
            while self.priorities != list(expected):  # noqa: ASYNC110 - the server has no event
                await asyncio.sleep(0.005)

    def reads(self) -> int:
        """Return how often the agent was read."""
        return sum(request.path.endswith(f"/User/{AGENT}") for request in self.simulator.requests)

    async def until_read_again(self, reads: int) -> None:
        """Wait until the agent was read again."""
        async with asyncio.timeout(LIMIT):
            while self.reads() == reads:  # noqa: ASYNC110 - a list has no event
                await asyncio.sleep(0.005)

    async def hold_and_retrieve(self, dialog_id: str, times: int) -> None:
        """Hold and retrieve a call from the desktop, so that the call changes twice each time."""
        for _ in range(times):
            for action, state in (("HOLD", "HELD"), ("RETRIEVE", "ACTIVE")):
                self.simulator.center.colleague(AGENT).act(action, dialog_id)
                await self.until(lambda state=state: own_state(self, dialog_id) == state)  # type: ignore[misc]

    async def be_active(self) -> None:
        """Make our session the latest active one by sending something."""
        await self.session.subscribe("team:310")

    def own_payloads(self) -> list[str]:
        """Return the payloads of the agent's own feeds in the journal."""
        return [entry.raw or "" for entry in self.session.journal if entry.feed in ("user", "dialogs")]

    def duplicates(self) -> int:
        """Return how many notifications of the agent's own feeds arrived again."""
        return sum(entry.repeats for entry in self.session.journal if entry.feed in ("user", "dialogs"))

    async def until_all_received(self) -> None:
        """Wait until everything published is in the journal, in order."""
        expected = [publication.xml for publication in self.published]
        await self.until(lambda: len(self.own_payloads()) >= len(expected))
        assert self.own_payloads() == expected
        assert self.mirrors_the_truth()


@asynccontextmanager
async def deployed(
    folder: Path,
    routing: str,
    first: str = "desktop",
    priority: PresencePriority = "auto",
    link_timing: LinkTiming = LINK_TIMING,
) -> AsyncIterator[Deployment]:
    async with Simulator(SimulatorSettings(bare_jid_routing=routing)) as simulator, AsyncExitStack() as stack:  # type: ignore[arg-type]
        published = record(simulator)
        config = config_for(simulator, folder, presence_priority=priority, link_timing=link_timing)
        if first == "desktop":
            desktop = await stack.enter_async_context(Desktop.logged_in(simulator))
        session = await stack.enter_async_context(FinesseSession(config))
        await session.ready(10)
        if first == "ours":
            desktop = await stack.enter_async_context(Desktop.logged_in(simulator))
        deployment = Deployment(simulator, session, config)
        deployment.desktop, deployment.published = desktop, published
        await deployment.until_priorities(0 if priority == "0" else -1)
        yield deployment


def record(simulator: Simulator) -> list[Publication]:
    """Record what is published on the agent's own feeds from now on."""
    published: list[Publication] = []
    publish = simulator.node.publish

    def keep(publication: Publication) -> None:
        if publication.node in OWN_NODES:
            published.append(publication)
        publish(publication)

    simulator.node.publish = keep
    return published


# -- our session misses nothing


@routings
@orders
@pytest.mark.parametrize("active", ["desktop", "ours"])
async def test_session_beside_desktop_receives_every_event_once(
    routing: str, first: str, active: str, tmp_path: Path
) -> None:
    async with deployed(tmp_path, routing, first) as finesse:
        await (finesse.desktop if active == "desktop" else finesse).be_active()
        dialog_id = await finesse.talking()
        finesse.simulator.center.colleague(AGENT).act("HOLD", dialog_id)  # in the desktop
        await finesse.until(lambda: own_state(finesse, dialog_id) == "HELD")
        finesse.simulator.center.colleague(AGENT).act("RETRIEVE", dialog_id)
        await finesse.until(lambda: own_state(finesse, dialog_id) == "ACTIVE")
        await finesse.until_all_received()
        assert finesse.duplicates() == 0  # the automatic feeds go to the desktop only
        assert not [entry for entry in finesse.session.journal if entry.kind == "gap"]


def own_state(finesse: Floor, dialog_id: str) -> str | None:
    dialog = finesse.session.mirror.dialogs.get(dialog_id)
    own = dialog.participant(EXTENSION) if dialog is not None else None
    return str(own.state) if own is not None else None


@routings
async def test_action_is_confirmed_by_an_event_beside_the_desktop(routing: str, tmp_path: Path) -> None:
    async with deployed(tmp_path, routing) as finesse:
        await finesse.ready()
        await finesse.desktop.be_active()
        outcome = await finesse.session.act(change_state(AGENT, "NOT_READY", 23))
        assert outcome.status == "confirmed"
        assert "Confirmed by reading the state" not in outcome.message  # an event confirmed it


@routings
async def test_action_already_done_by_the_desktop_is_unchanged(routing: str, tmp_path: Path) -> None:
    async with deployed(tmp_path, routing) as finesse:
        dialog_id = await finesse.talking()
        finesse.simulator.center.colleague(AGENT).act("HOLD", dialog_id)
        await finesse.until(lambda: own_state(finesse, dialog_id) == "HELD")
        sent = len(finesse.sent())
        assert (await finesse.session.act(hold_call(dialog_id))).status == "unchanged"
        assert len(finesse.sent()) == sent


# -- the desktop's session and subscriptions stay


@routings
@orders
async def test_desktop_session_and_its_subscriptions_are_kept(
    routing: str, first: str, tmp_path: Path
) -> None:
    async with deployed(tmp_path, routing, first) as finesse:
        jids = {str(item.jid) for item in finesse.simulator.notifications.sessions}
        assert DESKTOP in jids
        assert len(jids) == 2
        foreign = finesse.foreign_subscriptions()
        assert (TEAM_NODE, DESKTOP) in foreign
        assert {(node, BARE) for node in OWN_NODES} <= foreign
        await finesse.session.close()
        assert finesse.subscriptions() == foreign
        await finesse.desktop.be_active()  # it is connected and gets responses
        before = len(finesse.desktop.nodes)
        finesse.simulator.center.colleague(AGENT).sign_in()
        await finesse.desktop.be_active()
        assert set(finesse.desktop.nodes[before:]) == {USER_NODE, TEAM_NODE}


async def test_subscriptions_of_other_clients_are_not_removed(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        table = simulator.notifications.subscriptions
        left = {WIDGET, DESKTOP, f"{BARE}/mcp-finesse-another-machine-1"}
        for jid in left:
            table.subscribe(Jid.parse(jid), TEAM_NODE, jid)
        async with FinesseSession(config_for(simulator, tmp_path)) as session:
            await session.ready(10)
        assert {str(row.jid) for row in table.owned_by(Jid.parse(BARE), TEAM_NODE)} == left


@routings
async def test_lost_connection_is_restored_beside_the_desktop(routing: str, tmp_path: Path) -> None:
    async with deployed(tmp_path, routing) as finesse:
        before = finesse.subscriptions()
        (ours,) = (s for s in finesse.simulator.notifications.sessions if str(s.jid) != DESKTOP)
        ours.abort()
        await finesse.until(lambda: finesse.session.status.reconnects == 1)
        assert finesse.subscriptions() == before
        await finesse.desktop.be_active()
        await finesse.talking()
        assert finesse.mirrors_the_truth()


# -- the desktop misses nothing


def own_nodes_received_by(desktop: Desktop) -> list[str]:
    """Return the nodes of the agent's own notifications that the desktop received."""
    return [node for node in desktop.nodes if node in OWN_NODES]


@routings
@orders
async def test_desktop_and_session_receive_every_event_while_sessions_connect_and_close(
    routing: str, first: str, tmp_path: Path
) -> None:
    async with deployed(tmp_path, routing, first) as finesse:
        await finesse.be_active()
        dialog_id = await finesse.talking()
        await finesse.until_all_received()
        before = len(finesse.published)
        await finesse.hold_and_retrieve(dialog_id, 4)
        async with FinesseSession(finesse.config) as second:
            await second.ready(10)
            await finesse.until_priorities(-1, -1)
            await finesse.hold_and_retrieve(dialog_id, 3)
        await finesse.until_priorities(-1)
        await finesse.hold_and_retrieve(dialog_id, 3)
        await finesse.until_all_received()
        await finesse.desktop.be_active()
        assert len(finesse.published) - before >= 20
        assert own_nodes_received_by(finesse.desktop) == [
            publication.node for publication in finesse.published
        ]


@routings
async def test_priority_is_0_while_alone_and_minus_1_beside_the_desktop(routing: str, tmp_path: Path) -> None:
    """Each transition takes a round trip (back to 0: also the quiet time) and ends with a state read."""
    async with deployed(tmp_path, routing, "ours") as finesse:
        loop = asyncio.get_running_loop()
        reads = finesse.reads()
        await finesse.until_read_again(reads)  # after the desktop connected
        left = loop.time()
        await finesse.desktop.client.websocket.close()
        reads = finesse.reads()
        await finesse.until_priorities(0, seconds=1.0 + LINK_TIMING.quiet)
        assert loop.time() - left >= LINK_TIMING.quiet * 0.9
        await finesse.until_read_again(reads)
        await finesse.ready()
        await finesse.until_all_received()
        reads = finesse.reads()
        async with Desktop.logged_in(finesse.simulator) as desktop:
            arrived_at = loop.time()
            await finesse.until_priorities(-1, seconds=1.0)
            assert loop.time() - arrived_at < 1.0
            await finesse.until_read_again(reads)
            assert (await finesse.session.act(change_state(AGENT, "NOT_READY", 23))).status == "confirmed"
            await desktop.be_active()
            assert USER_NODE in desktop.nodes
        assert not [entry for entry in finesse.session.journal if entry.kind == "gap"]


async def test_stored_notifications_are_replayed_once_and_the_state_is_read(
    tmp_path: Path,
) -> None:
    slow = replace(LINK_TIMING, quiet=0.5)
    async with deployed(tmp_path, "latest", link_timing=slow) as finesse:
        await finesse.ready()
        await finesse.desktop.client.websocket.close()
        async with asyncio.timeout(LIMIT):
            while siblings(finesse):  # noqa: ASYNC110 - a departing sibling has no event
                await asyncio.sleep(0.005)
        assert finesse.priorities == [-1]
        finesse.simulator.center.colleague(AGENT).change_state("NOT_READY", "23")
        await finesse.until_all_received()
        reads = finesse.reads()
        await finesse.until_priorities(0)
        async with asyncio.timeout(LIMIT):
            while not finesse.duplicates():  # noqa: ASYNC110 - a repetition has no event, on purpose
                await asyncio.sleep(0.005)
        await finesse.until_read_again(reads)
        assert finesse.mirrors_the_truth()


async def test_own_sessions_do_not_lower_priority_for_each_other(tmp_path: Path) -> None:
    async with deployed(tmp_path, "latest") as finesse:
        await finesse.desktop.client.websocket.close()
        await finesse.until_priorities(0)
        async with FinesseSession(finesse.config) as second:
            await second.ready(10)
            await finesse.until(lambda: len(siblings(finesse)) == 1)
            await asyncio.sleep(
                2 * LINK_TIMING.quiet
            )  # a lower priority would be sent after LINK_TIMING.quiet
            assert finesse.priorities == [0, 0]


@routings
@pytest.mark.parametrize("condition", ["forbidden", "item-not-found"])
async def test_rejected_own_subscription_keeps_priority_0_and_is_reported_in_the_status(
    condition: str, routing: str, tmp_path: Path
) -> None:
    async with Simulator(SimulatorSettings(bare_jid_routing=routing)) as simulator:  # type: ignore[arg-type]
        simulator.notifications.subscriptions.refusals[USER_NODE] = condition
        async with (
            Desktop.logged_in(simulator),
            FinesseSession(config_for(simulator, tmp_path)) as session,
        ):
            await session.ready(10)
            link = session.status.link
            assert link is not None
            assert link.priority == 0
            assert condition in link.priority_reason
            assert "may lose notifications" in session.status.notes[0]


@pytest.mark.parametrize("pinned", ["0", "-1"])
async def test_pinned_priority_does_not_change(pinned: str, tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings(bare_jid_routing="latest")) as simulator:
        config = config_for(simulator, tmp_path, presence_priority=pinned)
        async with FinesseSession(config) as session:
            await session.ready(10)
            deployment = Deployment(simulator, session, config)
            await deployment.until_priorities(int(pinned))
            async with Desktop.logged_in(simulator):
                await deployment.until(lambda: siblings(deployment) == (DESKTOP,))
                assert deployment.priorities == [int(pinned)]
                assert "FINESSE_PRESENCE_PRIORITY" in session.status.notes[0]


# -- the status reports it


@routings
@orders
async def test_status_names_the_desktop_and_the_current_priority(
    routing: str, first: str, tmp_path: Path
) -> None:
    async with deployed(tmp_path, routing, first) as finesse:
        await finesse.until(lambda: siblings(finesse) == (DESKTOP,))
        (note,) = finesse.session.status.notes
        assert DESKTOP in note
        assert f"is -1: {DESKTOP} receives the automatic feeds instead" in note
        await finesse.desktop.client.websocket.close()
        async with asyncio.timeout(LIMIT):
            while siblings(finesse):  # noqa: ASYNC110  (a departing sibling has no event)
                await asyncio.sleep(0.01)
        assert finesse.session.status.notes == ()


def siblings(finesse: Floor) -> tuple[str, ...]:
    link = finesse.session.status.link
    assert link is not None
    return link.siblings


@pytest.mark.parametrize(("routing", "taken"), [("all", False), ("latest", True)])
async def test_latest_session_with_priority_0_takes_automatic_feed_from_the_desktop(
    routing: str, taken: bool, tmp_path: Path
) -> None:
    async with deployed(tmp_path, routing, priority="0") as finesse:
        await finesse.be_active()
        finesse.simulator.center.colleague(AGENT).sign_in()
        await finesse.until_all_received()
        await finesse.desktop.be_active()
        assert (USER_NODE not in finesse.desktop.nodes) is taken
        assert TEAM_NODE in finesse.desktop.nodes  # the desktop's own subscription still delivers


# -- duration of each transition with production timing


@routings
async def test_priority_transitions_take_at_most_a_round_trip_and_the_quiet_second(
    routing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is scaled. Finesse presence is absent: its 15 s timeout must not delay the first transition."""
    async with Simulator(SimulatorSettings(bare_jid_routing=routing)) as simulator:  # type: ignore[arg-type]
        simulator.faults.no_finesse_presence = True
        config = config_for(simulator, tmp_path, timing=SessionTiming(), link_timing=LinkTiming())
        loop, durations = asyncio.get_running_loop(), dict[str, float]()
        async with AsyncExitStack() as desktop_time:
            await desktop_time.enter_async_context(Desktop.logged_in(simulator))
            session = FinesseSession(config)
            deployment = Deployment(simulator, session, config)
            began = loop.time()  # before connecting: the session has priority 0 for a few milliseconds only
            async with session:
                await deployment.until_priorities(-1)
                durations["connecting beside the desktop"] = loop.time() - began
                assert session.status.state == "connecting"  # still waiting for Finesse presence
                began = loop.time()
                await desktop_time.aclose()
                await deployment.until_priorities(0)
                durations["desktop disconnects"] = loop.time() - began
                async with Desktop.logged_in(simulator):
                    began = loop.time()
                    await deployment.until_priorities(-1)
                    durations["desktop connects"] = loop.time() - began
        with capsys.disabled():
            print(
                f"\n{routing}:", ", ".join(f"{what} {seconds:.3f} s" for what, seconds in durations.items())
            )
        assert durations["connecting beside the desktop"] < 1.0
        assert (
            1.0 <= durations["desktop disconnects"] < 1.5
        )  # the quiet second, and the close of the WebSocket
        assert durations["desktop connects"] < 1.0


class Refusals(dict[str, str]):
    """Nodes that cannot be subscribed, and how often subscribing was tried."""

    asked = 0

    def __getitem__(self, node: str) -> str:
        self.asked += 1
        return super().__getitem__(node)


async def test_feeds_created_during_finesse_startup_are_subscribed_when_its_presence_arrives(
    tmp_path: Path,
) -> None:
    async with Simulator(SimulatorSettings()) as simulator, Desktop.logged_in(simulator):
        task_feed = f"/finesse/api/User/{AGENT}/Dialogs/Media"
        refusals = Refusals.fromkeys((*OWN_NODES, task_feed), "item-not-found")
        simulator.notifications.subscriptions.refusals = refusals
        simulator.notifications.set_finesse_presence(False)
        simulator.faults.no_finesse_presence = True
        config = config_for(simulator, tmp_path, link_timing=replace(LINK_TIMING, presence=10.0))
        async with FinesseSession(config) as session:
            deployment = Deployment(simulator, session, config)
            async with asyncio.timeout(LIMIT):
                while refusals.asked < len(refusals):  # noqa: ASYNC110 - a counter has no event
                    await asyncio.sleep(0.005)
            assert deployment.priorities == [0]
            refusals.clear()
            simulator.faults.no_finesse_presence = False
            simulator.notifications.set_finesse_presence(True)
            await session.ready(10)
            ours = {node for node, jid in deployment.subscriptions() if "/mcp-finesse-" in jid}
            assert ours >= {*OWN_NODES, task_feed}
