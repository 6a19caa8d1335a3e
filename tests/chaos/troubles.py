"""What can go wrong, one thing at a time: how it begins, how it ends, and how long it may go unnoticed."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import SecretStr

from mcp_finesse.simulator.faults import Publish
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.simulator.timing import Later
from mcp_finesse.xmpp import LinkIdentity, NotificationLink, websocket_route
from tests.chaos.rig import Rig
from tests.session.support import AGENT

End = Callable[[], Awaitable[None]]
# Unscaled seconds. A frozen link: three pings; then a poll, the way to the other node, and the way in.
PINGS, POLL, ARRIVAL, LOGIN, SAFETY = 30.0, 24.0, 30.0, 20.0, 120.0
RECONNECT = 9.0 + 3 * LOGIN
FAILOVER = PINGS + RECONNECT + POLL + ARRIVAL + LOGIN


@dataclass(frozen=True)
class Trouble:
    """One thing that goes wrong.

    Attributes:
        begin: lets it happen; returns what ends it.
        seconds: after its end all must be well within so many seconds, not scaled.
    """

    name: str
    begin: Callable[[Rig], Awaitable[End]]
    seconds: float = FAILOVER


TROUBLES: list[Trouble] = []


def trouble(
    seconds: float = FAILOVER,
) -> Callable[[Callable[[Rig], Awaitable[End]]], Callable[[Rig], Awaitable[End]]]:
    def add(begin: Callable[[Rig], Awaitable[End]]) -> Callable[[Rig], Awaitable[End]]:
        TROUBLES.append(Trouble(begin.__name__, begin, seconds))
        return begin

    return add


async def nothing() -> None:
    """What happened once needs no end."""


# -- the network


@trouble()
async def slow_network(rig: Rig) -> End:
    relays = rig.relays_here
    for relay in relays:
        relay.delay(rig.chance.uniform(0.01, 0.15))

    async def end() -> None:
        for relay in relays:
            relay.delay(0)

    return end


@trouble()
async def connections_cut(rig: Rig) -> End:
    for relay in rig.relays_here:
        relay.cut()
    return nothing


@trouble()
async def connections_reset(rig: Rig) -> End:
    for relay in rig.relays_here:
        relay.reset()
    return nothing


@trouble()
async def frozen_network(rig: Rig) -> End:
    relays = rig.relays_here
    way = rig.chance.choice(({}, {"to_client": False}, {"to_server": False}))
    for relay in relays:
        relay.freeze(**way)

    async def end() -> None:
        for relay in relays:
            relay.thaw()

    return end


@trouble()
async def answer_lost(rig: Rig) -> End:
    for relay in rig.relays_here:
        relay.lose_next_answer()
    return nothing


@trouble()
async def answer_truncated(rig: Rig) -> End:
    for relay in rig.relays_here:
        relay.truncate(rig.chance.randrange(1, 400))
    return nothing


@trouble()
async def node_unreachable(rig: Rig) -> End:
    relays = rig.relays_here
    for relay in relays:
        relay.refuse()
        relay.reset()

    async def end() -> None:
        for relay in relays:
            relay.accept()

    return end


@trouble()
async def both_nodes_unreachable(rig: Rig) -> End:
    relays = [relay for pair in rig.relays.values() for relay in pair]
    for relay in relays:
        relay.refuse()
        relay.reset()

    async def end() -> None:
        for relay in relays:
            relay.accept()

    return end


@trouble()
async def connections_taken_and_ignored(rig: Rig) -> End:
    relays = rig.relays_here
    for relay in relays:
        relay.accept_and_say_nothing()
        relay.reset()

    async def end() -> None:
        for relay in relays:
            relay.accept()
            relay.reset()

    return end


# -- the node


@trouble()
async def node_dies(rig: Rig) -> End:
    node = rig.here
    await node.die()
    return node.come_back


@trouble()
async def notification_service_down(rig: Rig) -> End:
    node = rig.here
    node.stop_notification_service()

    async def end() -> None:
        node.start_notification_service()

    return end


@trouble()
async def tomcat_down(rig: Rig) -> End:
    node = rig.here
    node.stop_tomcat()

    async def end() -> None:
        node.start_tomcat()

    return end


@trouble()
async def web_app_down(rig: Rig) -> End:
    node = rig.here
    node.stop_web_app(rig.chance.choice((404, 503)))

    async def end() -> None:
        node.start_web_app()

    return end


@trouble()
async def cti_lost(rig: Rig) -> End:
    rig.pair.center.set_in_service(False)

    async def end() -> None:
        rig.pair.center.set_in_service(True)

    return end


@trouble()
async def cti_lost_unnoticed(rig: Rig) -> End:
    rig.pair.center.lose_cti_unnoticed()

    async def end() -> None:
        rig.pair.center.set_in_service(True)

    return end


@trouble()
async def out_of_service_here(rig: Rig) -> End:
    node = rig.here.node
    node.set_in_service(False)

    async def end() -> None:
        node.set_in_service(True)

    return end


@trouble()
async def maintenance(rig: Rig) -> End:
    node = rig.here
    node.enter_maintenance("IN_PROGRESS")

    async def end() -> None:
        node.leave_maintenance()

    return end


@trouble()
async def user_database_down(rig: Rig) -> End:
    node = rig.here
    node.lose_user_database()

    async def end() -> None:
        node.regain_user_database()

    return end


@trouble()
async def silent_notification_service(rig: Rig) -> End:
    faults = rig.here.faults
    faults.silent = True

    async def end() -> None:
        faults.silent = False
        faults.kill_links()  # what was sent to it meanwhile is lost, as when a server that hangs is started again

    return end


@trouble()
async def links_killed(rig: Rig) -> End:
    rig.here.faults.kill_links()
    return nothing


# -- requests


@trouble(RECONNECT)
async def rejected_before_execution(rig: Rig) -> End:
    rig.here.faults.http_status(503, "<html>busy</html>", rig.chance.randrange(1, 4))
    return nothing


@trouble(RECONNECT)
async def answered_by_a_proxy(rig: Rig) -> End:
    rig.here.faults.html_answer(rig.chance.randrange(1, 3))
    return nothing


@trouble(RECONNECT)
async def answer_of_a_change_lost(rig: Rig) -> End:
    rig.here.faults.no_answer(1, method="PUT")
    return nothing


@trouble(RECONNECT)
async def refused_after_202(rig: Rig) -> End:
    rig.here.faults.fail_next(with_request_id=rig.chance.random() < 0.5)
    return nothing


# -- notifications


@trouble(SAFETY)
async def events_lost(rig: Rig) -> End:
    """Finesse itself never sends them: only their effect can tell, which a read shows if no later event does."""
    faults, left = rig.here.faults, rig.chance.randrange(1, 4)
    deliver = faults.deliver

    def losing(publication: Publication, publish: Publish, later: Later) -> None:
        nonlocal left
        if left and publication.user_id == AGENT:
            left -= 1
            rig.ledger.never_sent(publication)
        else:
            deliver(publication, publish, later)

    faults.deliver = losing  # type: ignore[method-assign]

    async def end() -> None:
        faults.deliver = deliver  # type: ignore[method-assign]

    return end


@trouble(SAFETY)
async def events_malformed(rig: Rig) -> End:
    rig.here.faults.malformed_event(rig.chance.randrange(1, 3))
    return nothing


@trouble(RECONNECT)
async def events_twice(rig: Rig) -> End:
    rig.here.faults.duplicate_events(rig.chance.randrange(1, 6))
    return nothing


@trouble(RECONNECT)
async def events_late(rig: Rig) -> End:
    faults = rig.here.faults
    faults.delay_events(rig.chance.uniform(0.02, 0.15))

    async def end() -> None:
        faults.delay_events(0)

    return end


@trouble(SAFETY)
async def events_out_of_order(rig: Rig) -> End:
    """Every other event is held back until the next one, or a little while, has passed."""
    faults = rig.here.faults
    deliver = faults.deliver
    held = False

    def reordered(publication: Publication, publish: Publish, later: Later) -> None:
        nonlocal held
        held = not held
        if held:
            later(0.03, lambda: deliver(publication, publish, later))
        else:
            deliver(publication, publish, later)

    faults.deliver = reordered  # type: ignore[method-assign]

    async def end() -> None:
        faults.deliver = deliver  # type: ignore[method-assign]

    return end


@trouble(SAFETY)
async def events_swapped(rig: Rig) -> End:
    rig.here.faults.swap_events(rig.chance.randrange(1, 6))
    return nothing


@trouble(RECONNECT)
async def another_client_comes_and_goes(rig: Rig) -> End:
    """Automatic events go to the other client, and are stored for a while after it has left."""
    node = rig.here
    domain = node.settings.domain
    client = NotificationLink(
        LinkIdentity(AGENT, SecretStr("secret"), domain, f"pubsub.{domain}", "gadget"),
        websocket_route(node.ws_url, ssl.create_default_context(cafile=str(rig.pair.ca_file))),
        on_feed=lambda _: None,
        on_link=lambda _: None,
    )
    await client.open()
    return client.close


@trouble(RECONNECT)
async def request_ids_dropped(rig: Rig) -> End:
    faults = rig.here.faults
    faults.drop_request_id = True

    async def end() -> None:
        faults.drop_request_id = False

    return end


@trouble(RECONNECT)
async def event_before_answer(rig: Rig) -> End:
    faults = rig.here.faults
    faults.event_before_answer = True

    async def end() -> None:
        faults.event_before_answer = False

    return end


@trouble(RECONNECT)
async def intermediate_events(rig: Rig) -> End:
    rig.here.faults.intermediate_event(2)
    return nothing
