"""Assignment of agents to queues, and queue notifications (CCE; devnet: queue-notification)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.publishing.announcements import update
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.simulator.publishing.queue_statistics import queue_xml
from mcp_finesse.simulator.timing import Cancellable
from mcp_finesse.simulator.world.world import Queue
from mcp_finesse.simulator.xml_text import element, to_text

PUSH_SECONDS = 10.0
"""Minimum seconds between two notifications of the statistics of a queue."""


def queue_node(queue_id: str) -> str:
    """Return the pubsub node of a Queue, which is also the source of its events."""
    return f"/finesse/api/Queue/{queue_id}"


def user_queues_node(user_id: str) -> str:
    """Return the pubsub node of a user's list of queues, which is also the source of its events."""
    return f"/finesse/api/User/{user_id}/Queues"


class QueueBoard:
    """Tracks the queues of each user. Publishes statistics of queues, and changes of a user's list of queues."""

    def __init__(self, state: ContactCenterState, publish: Callable[[Publication], None]) -> None:
        self._state = state
        self._publish = publish
        self._published = {queue.id: self._text(queue) for queue in state.world.queues}
        self._timer: Cancellable | None = None

    def of_user(self, user_id: str) -> list[Queue]:
        """Return the queues of an agent. A supervisor also has the queues of the supervised teams (guide p.141)."""
        own = self._state.agents[user_id].record
        wanted = {
            agent.id
            for agent in self._state.agents.values()
            if agent.record is own or own.is_supervisor_of(agent.record)
        }
        return [
            queue
            for queue in self._state.world.queues
            if wanted.intersection(self._state.queue_agents[queue.id])
        ]

    def assign(self, queue_id: str, agent_ids: Iterable[str]) -> None:
        """Replace the agents of a queue, and notify users whose list changes.

        Raises:
            KeyError: the queue or the agent does not exist.
        """
        before = self._lists()
        self._state.queue_agents[queue_id] = [self._state.agents[agent_id].id for agent_id in agent_ids]
        after = self._lists()
        for user_id, now in after.items():
            self._publish_list("DELETE", user_id, [queue for queue in before[user_id] if queue not in now])
            self._publish_list("POST", user_id, [queue for queue in now if queue not in before[user_id]])
        self._state.changed("")

    def _lists(self) -> dict[str, list[Queue]]:
        return {user_id: self.of_user(user_id) for user_id in self._state.agents}

    def _publish_list(self, event: str, user_id: str, queues: list[Queue]) -> None:
        if queues and self._state.rules.queue_and_media_feeds:
            node = user_queues_node(user_id)
            content = element("Queues", [queue_xml(queue, self._state) for queue in queues])
            self._publish(Publication(node, update(event, node, content), user_id))

    # Statistics

    def follow(self) -> None:
        """Schedule notifications for the queues whose statistics have changed."""
        if self._timer is None and self._state.rules.queue_and_media_feeds and self._changed():
            self._timer = self._state.after(PUSH_SECONDS, self._push)

    def _push(self) -> None:
        self._timer = None
        for queue in self._changed():
            self._published[queue.id] = self._text(queue)
            node = queue_node(queue.id)
            self._publish(Publication(node, update("PUT", node, queue_xml(queue, self._state))))

    def _changed(self) -> list[Queue]:
        return [queue for queue in self._state.world.queues if self._text(queue) != self._published[queue.id]]

    def _text(self, queue: Queue) -> str:
        return to_text(queue_xml(queue, self._state))
