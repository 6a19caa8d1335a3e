"""The pubsub nodes that exist, their automatic subscriptions, and permissions (devnet: notifications)."""

from __future__ import annotations

from mcp_finesse.simulator.publishing.announcements import SYSTEM_INFO, dialogs_node, team_node, user_node
from mcp_finesse.simulator.publishing.queue_board import queue_node, user_queues_node
from mcp_finesse.simulator.publishing.task_announcements import media_node, tasks_node
from mcp_finesse.simulator.publishing.team_messages import team_messages_node
from mcp_finesse.simulator.world.platforms import PlatformRules
from mcp_finesse.simulator.world.world import World


class Feeds:
    """The pubsub nodes of one contact center."""

    def __init__(self, world: World, rules: PlatformRules) -> None:
        self._rules = rules
        teams = [team.id for team in world.teams]
        self._supervised = {record.id: set(map(team_node, record.supervises)) for record in world.agents}
        self._team_nodes = {team_node(team_id) for team_id in teams}
        self._nodes = {SYSTEM_INFO, *self._team_nodes, *map(team_messages_node, teams)}
        for record in world.agents:
            self._nodes |= {*self.automatic(record.id), f"{user_node(record.id)}/ClientLog"}
        if rules.queue_and_media_feeds:
            self._nodes |= {queue_node(queue.id) for queue in world.queues}
            for record in world.agents:
                self._nodes |= {user_queues_node(record.id), tasks_node(record.id)}

    def automatic(self, user_id: str) -> list[str]:
        """Return the nodes to which a user is subscribed automatically (bare-JID subscriptions)."""
        media = [media_node(user_id)] if self._rules.queue_and_media_feeds else []
        return [user_node(user_id), dialogs_node(user_id), *media, SYSTEM_INFO]

    def known(self, node: str) -> bool:
        """Return whether a node of this name exists."""
        return node in self._nodes

    def entitled(self, user_id: str, node: str) -> bool:
        """Return whether a user may read the object of a node over REST. Only its supervisors may read a team."""
        return node not in self._team_nodes or node in self._supervised.get(user_id, ())
