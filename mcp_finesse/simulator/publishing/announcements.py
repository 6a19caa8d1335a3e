"""Notifications of users and dialogs, determined by comparing the current state with the last published state.

The rules change the state and report only that something changed. This module determines what changed. No
change is therefore missed, and no notification is sent without a change. Removed dialogs are always published
first, then new dialogs, changed dialogs (guide p.131), and finally users.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from mcp_finesse.simulator.calls.calls import Party
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.errors import ErrorDetails
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.simulator.publishing.xml_objects import dialog_xml, user_summary_xml, user_xml
from mcp_finesse.simulator.world.agents import Agent
from mcp_finesse.simulator.xml_text import Element, element, to_text

SYSTEM_INFO = "/finesse/api/SystemInfo"


def user_node(user_id: str) -> str:
    """Return the pubsub node of a User, which is also the source of its events."""
    return f"/finesse/api/User/{user_id}"


def dialogs_node(user_id: str) -> str:
    """Return the pubsub node of a user's voice dialogs, which is also the source of events about the list."""
    return f"/finesse/api/User/{user_id}/Dialogs"


def team_node(team_id: str) -> str:
    """Return the pubsub node of the members of a team."""
    return f"/finesse/api/Team/{team_id}/Users"


@dataclass(frozen=True, slots=True)
class Cause:
    """The request that caused a change.

    If ``user_id`` is given, the request id is copied to events of that User. If ``user_id`` is empty, the
    request id is copied to events of dialogs.
    """

    request_id: str = ""
    user_id: str = ""


UNSOLICITED = Cause()


def update(event: str, source: str, data: Element, request_id: str = "") -> str:
    """Return the ``<Update>`` document. Payload elements must have lower-case names, such as ``user`` or ``dialog``."""
    children = [
        element("data", [data]),
        element("event", event),
        element("requestId", request_id),
        element("source", source),
    ]
    return to_text(element("Update", children))


def named(name: str, node: Element) -> Element:
    """Rename an element. In notifications a ``User`` is named ``user``."""
    node.tag = name
    return node


def differences(
    event: str, published: dict[str, str], now: dict[str, str], everything: bool = False
) -> list[tuple[str, str]]:
    """Return the id and the current text of each dialog for an event. For DELETE, return the previous text."""
    if event == "DELETE":
        return [(id_, text) for id_, text in published.items() if id_ not in now]
    if event == "POST":
        return [(id_, text) for id_, text in now.items() if id_ not in published]
    return [
        (id_, text)
        for id_, text in now.items()
        if id_ in published and (everything or published[id_] != text)
    ]


class Announcer:
    """Tracks what one node has published about each user, and publishes the differences.

    Args:
        state: the state of agents and calls.
        publish: a function that sends a notification of the node.
        incarnation: a function that returns ``FinesseNode.incarnation``, which determines the node-local data
            in the XML.
    """

    def __init__(
        self,
        state: ContactCenterState,
        publish: Callable[[Publication], None],
        incarnation: Callable[[], object],
    ) -> None:
        self._state = state
        self._publish = publish
        self._incarnation = incarnation
        self._users = {agent.id: self._published_text(agent) for agent in state.agents.values()}
        self._dialogs: dict[str, dict[str, str]] = {user_id: {} for user_id in state.agents}

    def announce(self, cause: Cause = UNSOLICITED, everything: bool = False) -> None:
        """Publish every difference since the last call.

        With ``everything``, also publish unchanged objects, as Finesse does after a CTI failover.
        """
        call_request = "" if cause.user_id else cause.request_id
        published, self._dialogs = self._dialogs, self._dialogs_now()
        for event in ("DELETE", "POST", "PUT"):
            for user_id, now in self._dialogs.items():
                for dialog_id, text in differences(event, published[user_id], now, everything):
                    self._publish_dialog(event, user_id, dialog_id, text, call_request)
        for agent in self._state.agents.values():
            text = self._published_text(agent)
            if text != self._users[agent.id] or (everything and agent.signed_in):
                self._users[agent.id] = text
                self.publish_user(agent, cause.request_id if cause.user_id == agent.id else "")

    def _published_text(self, agent: Agent) -> str:
        """Return the XML of a user, without a pending state during a preview, as in Finesse (guide p.44)."""
        user = user_xml(agent, self._state.world, self._incarnation())
        if agent.state == "RESERVED_OUTBOUND_PREVIEW":
            for pending in user.iterfind("pendingState"):
                pending.text = None
        return to_text(user)

    def _dialogs_now(self) -> dict[str, dict[str, str]]:
        now: dict[str, dict[str, str]] = {user_id: {} for user_id in self._state.agents}
        for call in self._state.calls.values():
            agents = [party.agent_id for party in call.parties if party.agent_id and self._lists(party)]
            text = to_text(dialog_xml(call, self._state)) if agents else ""
            for user_id in agents:
                now[user_id][call.id] = text
        return now

    def _lists(self, party: Party) -> bool:
        """Return whether an agent's list contains a call. With ``recorded_shapes``, it omits calls the agent left."""
        return party.state != "DROPPED" or not self._state.recorded_shapes

    def _publish_dialog(self, event: str, user_id: str, dialog_id: str, text: str, request_id: str) -> None:
        node = etree.fromstring(text)
        if event == "PUT":
            xml = update(event, f"/finesse/api/Dialog/{dialog_id}", named("dialog", node), request_id)
        else:
            if event == "DELETE":
                self._mark_dropped(node, user_id, dialog_id)
            xml = update(event, dialogs_node(user_id), element("dialogs", [node]), request_id)
        self._publish(Publication(dialogs_node(user_id), xml, user_id))

    def _mark_dropped(self, node: Element, user_id: str, dialog_id: str) -> None:
        """Mark a deleted dialog as DROPPED for this user, although others may still be on the call (guide p.131).

        With ``recorded_shapes``, the other participants are also DROPPED. The last published extension
        identifies the user, because the end of the call may have signed the user out.
        """
        own = etree.fromstring(self._users[user_id]).findtext("extension")
        over = dialog_id not in self._state.calls or self._state.recorded_shapes
        for state in node.iterfind("state"):
            state.text = "DROPPED"
        for party in node.iterfind("participants/Participant"):
            if over or party.findtext("mediaAddress") == own:
                for child in party.iterfind("state"):
                    child.text = "DROPPED"
                for actions in party.iterfind("actions"):
                    actions.clear()

    def publish_user(self, agent: Agent, request_id: str = "") -> None:
        """Publish a User on its own pubsub node, and a summary of the User on the pubsub node of its team."""
        source = user_node(agent.id)
        full = named("user", user_xml(agent, self._state.world, self._incarnation()))
        self._publish(Publication(source, update("PUT", source, full, request_id), agent.id))
        summary = named("user", user_summary_xml(agent))
        self._publish(
            Publication(team_node(agent.record.team_id), update("PUT", source, summary, request_id))
        )

    def publish_dialog(self, user_id: str, dialog_id: str, request_id: str = "") -> None:
        """Publish a dialog of an agent's list again, unchanged since its last notification."""
        if text := self._dialogs[user_id].get(dialog_id):
            self._publish_dialog("PUT", user_id, dialog_id, text, request_id)

    def publish_error(
        self, node: str, source: str, user_id: str, details: ErrorDetails, request_id: str
    ) -> None:
        """Publish an asynchronous error, as ``apiErrors`` with event PUT on the pubsub node of the object."""
        detail = [
            element("errorData", details.data),
            *([element("errorMedia", details.media)] if details.media else []),
            element("errorMessage", details.message),
            element("errorType", details.type),
        ]
        errors = element("apiErrors", [element("apiError", detail)])
        self._publish(Publication(node, update("PUT", source, errors, request_id), user_id))

    def publish_system_info(self, info: Element) -> None:
        """Publish a change of the service state."""
        self._publish(Publication(SYSTEM_INFO, update("PUT", SYSTEM_INFO, named("systemInfo", info))))
