"""Notifications of one Finesse node about changes of tasks and of media states (CCE)."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from mcp_finesse.simulator.publishing.announcements import differences, named, update, user_node
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.simulator.publishing.task_xml import media_uri, media_xml, notified_task_xml
from mcp_finesse.simulator.tasks.board import TaskBoard
from mcp_finesse.simulator.tasks.tasks import ACTIONS
from mcp_finesse.simulator.xml_text import element, to_text


def media_node(user_id: str) -> str:
    """Return the pubsub node of a user's Media objects."""
    return f"{user_node(user_id)}/Media"


def tasks_node(user_id: str) -> str:
    """Return the pubsub node of a user's tasks."""
    return f"{user_node(user_id)}/Dialogs/Media"


class TaskAnnouncer:
    """Publishes changes of tasks and of media states, as ``Announcer`` does for users and calls. Tasks come first."""

    def __init__(
        self, board: TaskBoard, publish: Callable[[Publication], None], incarnation: Callable[[], object]
    ) -> None:
        self._board = board
        self._publish = publish
        self._incarnation = incarnation
        configured = [key for key, user in board.users.items() if user.agent_id in user.domain.agents]
        self._media = {key: to_text(media_xml(board.users[key], incarnation())) for key in configured}
        self._tasks: dict[tuple[str, str], dict[str, str]] = {key: {} for key in configured}

    def announce(self, request_id: str = "") -> None:
        """Publish every difference since the last call."""
        published, self._tasks = self._tasks, self._tasks_now()
        for event in ("DELETE", "POST", "PUT"):
            for key, now in self._tasks.items():
                for dialog_id, text in differences(event, published[key], now):
                    self._publish_task(event, *key, dialog_id, text, request_id)
        for key, published_media in self._media.items():
            media = media_xml(self._board.users[key], self._incarnation())
            if (text := to_text(media)) != published_media:
                self._media[key] = text
                xml = update("PUT", media_uri(*key), media, request_id)
                self._publish(Publication(media_node(key[0]), xml, key[0]))

    def _tasks_now(self) -> dict[tuple[str, str], dict[str, str]]:
        now: dict[tuple[str, str], dict[str, str]] = {key: {} for key in self._media}
        for task in self._board.tasks:
            if task.agent_id:
                text = to_text(notified_task_xml(task, ACTIONS[task.state]))
                now[task.agent_id, task.domain.id][task.id] = text
        return now

    def _publish_task(
        self, event: str, user_id: str, media_id: str, dialog_id: str, text: str, request_id: str
    ) -> None:
        node = etree.fromstring(text)
        if event == "PUT":
            xml = update(event, f"/finesse/api/Dialog/{dialog_id}", named("dialog", node), request_id)
        else:
            if event == "DELETE":
                self._mark_closed(node, dialog_id)
            source = f"{media_uri(user_id, media_id)}/Dialogs"
            xml = update(event, source, element("dialogs", [node]), request_id)
        self._publish(Publication(tasks_node(user_id), xml, user_id))

    def _mark_closed(self, node: etree._Element, dialog_id: str) -> None:
        """Mark a deleted task as CLOSED for this user, although another agent may receive it."""
        for state in (*node.iterfind("state"), *node.iterfind("participants/Participant/state")):
            state.text = "CLOSED"
        for actions in node.iterfind("participants/Participant/actions"):
            actions.clear()
        for code in node.iterfind("mediaProperties/dispositionCode"):
            code.text = self._board.dispositions.get(dialog_id, "")
