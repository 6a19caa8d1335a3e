"""Keeps the known state in sync with Finesse by means of subscriptions, notifications and reads."""

from __future__ import annotations

from collections.abc import Callable

from mcp_finesse.model import SystemInfo, User, platform_of
from mcp_finesse.session.actions.completion import is_on_call
from mcp_finesse.session.connection.resync_triggers import PossibleLoss
from mcp_finesse.session.connection.subscriptions import Subscriptions
from mcp_finesse.session.reading.agent import StateReader
from mcp_finesse.session.reading.requests import RereadRequests
from mcp_finesse.session.state.mirror import Change, Mirror
from mcp_finesse.session.state.receiver import Receiver
from mcp_finesse.xmpp import FeedEvent, NotificationLink


class StateSync:
    """Keeps the known state current over each link of the session.

    Args:
        mirror: The known state.
        receiver: Processes notifications.
        reader: Reads the state over REST.
        subscriptions: The feeds of the session.
        rereads: Debounces requests to read the state again.
    """

    def __init__(
        self,
        mirror: Mirror,
        receiver: Receiver,
        reader: StateReader,
        subscriptions: Subscriptions,
        rereads: RereadRequests,
    ) -> None:
        self._mirror = mirror
        self._receiver = receiver
        self._reader = reader
        self._subscriptions = subscriptions
        self._rereads = rereads

    @property
    def on_call(self) -> bool:
        """Whether the agent is on a phone call."""
        return is_on_call(self._mirror)

    def identify(self, user: User, info: SystemInfo) -> None:
        """Use the login id in pubsub nodes and REST paths, even if the user configured another form of the name."""
        self._mirror.system = info
        self._subscriptions.platform = platform_of(info)
        if user.login_id:
            self._mirror.user_id = self._subscriptions.user_id = user.login_id

    async def subscribe(self, link: NotificationLink, holder_is_alive: Callable[[str], bool | None]) -> bool:
        """Subscribe to the feeds of the session on a new link.

        Args:
            link: The link.
            holder_is_alive: A function that returns whether the process that holds one of our XMPP resources is
                alive, or None if that is unknown.

        Returns:
            Whether every feed exists.
        """
        complete = await self._subscriptions.attach(link, holder_is_alive)
        self._receiver.forget_newest()
        self._mirror.forget_teams_and_queues()  # teams and queues may have changed without a subscription
        return complete

    async def resync(self, loss: PossibleLoss) -> None:
        """Read and merge the state. Record a gap if notifications were lost. Retry feeds that are not subscribed."""
        await self._reader.resync(loss.reason, loss.since)
        await self._subscriptions.retry_missing()

    async def unsubscribe(self, link: NotificationLink) -> None:
        """Unsubscribe from all feeds, so that the node keeps no subscription of this session."""
        await self._subscriptions.release(link)

    def receive(self, event: FeedEvent) -> None:
        """Process a notification."""
        self._receiver.take(event)

    def priority_changed(self) -> None:
        """Read the state again: at the old priority, another XMPP session may have received the notifications."""
        self._rereads.request()
        self._mirror.changed(Change("session"))

    def link_closed(self) -> None:
        """Discard the state that depends on subscriptions."""
        self._subscriptions.detach()
        self._mirror.forget_teams_and_queues()

    def node_switched(self) -> None:
        """Forget the known times of objects, because the clock of the other node may differ."""
        self._mirror.forget_times()
