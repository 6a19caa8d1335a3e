"""XML of Media, tasks and media routing domains (guide p.74, p.181)."""

from __future__ import annotations

from mcp_finesse.simulator.publishing.xml_objects import current_reason_xml
from mcp_finesse.simulator.tasks.board import TaskBoard
from mcp_finesse.simulator.tasks.tasks import MediaUser, Task
from mcp_finesse.simulator.timing import timestamp
from mcp_finesse.simulator.world.media_domains import MediaDomain
from mcp_finesse.simulator.xml_text import Element, element


def _domain_fields(domain: MediaDomain) -> list[Element]:
    return [
        element("description", domain.description),
        element("id", domain.id),
        element("interruptible", "true" if domain.interruptible else "false"),
        element("name", domain.name),
    ]


def media_uri(user_id: str, media_id: str) -> str:
    """Return the REST path of a user's Media."""
    return f"/finesse/api/User/{user_id}/Media/{media_id}"


def media_xml(user: MediaUser, node: object) -> Element:
    """Return the XML of a Media. Users without a skill group get only a few elements (devnet: media-get-media).

    Only the node at which the user signed in knows the three sign-in settings (guide p.168).
    """
    domain = user.domain
    fields = [element("uri", media_uri(user.agent_id, domain.id)), *_domain_fields(domain)]
    if user.agent_id not in domain.agents:
        return element("Media", fields)
    changed = "" if user.changed_at is None else timestamp(user.changed_at)
    known = bool(user.interrupt_action) and user.settings_known_to is node
    return element(
        "Media",
        [
            *fields,
            element("dialogLogoutAction", user.dialog_logout_action if known else ""),
            element("interruptAction", user.interrupt_action if known else ""),
            element("maxDialogLimit", user.max_dialog_limit if known else ""),
            element("mediaConnected", "true"),
            element("reasonCodeId", user.reason_id),
            *([current_reason_xml(user.reason)] if user.reason else []),
            element("routable", "true" if user.routable else "false"),
            element("state", user.shown),
            element("stateChangeTime", changed),
        ],
    )


def domain_xml(domain: MediaDomain) -> Element:
    """Return the XML of a MediaDomain."""
    uri = element("uri", f"/finesse/api/MediaDomain/{domain.id}")
    return element("MediaDomain", [uri, *_domain_fields(domain)])


def task_xml(task: Task, board: TaskBoard) -> Element:
    """Return the XML of a task as a Dialog, in the form that REST returns."""
    interrupted = board.is_interrupted(task)
    return _task_xml(task, "INTERRUPTED" if interrupted else task.state, board.actions(task))


def notified_task_xml(task: Task, actions: tuple[str, ...]) -> Element:
    """Return the XML of a task for a notification, which never shows an interrupt (devnet: mediadialog)."""
    return _task_xml(task, task.state, actions)


def _task_xml(task: Task, state: str, actions: tuple[str, ...]) -> Element:
    variables = [
        element("CallVariable", [element("name", name), element("value", value)])
        for name, value in task.variables.items()
    ]
    participant = [
        element("actions", [element("action", action) for action in actions]),
        element("mediaAddress", task.agent_id),
        element("startTime", timestamp(task.started)),
        element("state", state),
        element("stateChangeTime", timestamp(task.changed)),
    ]
    properties = [
        element("mediaId", task.domain.id),
        element("dialedNumber"),
        element("queueNumber"),
        element("queueName"),
        element("callKeyCallId", task.number),
        element("callKeySequenceNum", task.sequence),
        element("callKeyPrefix", task.prefix),
        element("dispositionCode", task.disposition),
        element("wrapUpReason"),
        element("callvariables", variables),
    ]
    return element(
        "Dialog",
        [
            element("associatedDialogUri"),
            element("id", task.id),
            element("mediaProperties", properties),
            element("mediaType", task.domain.name),
            element("participants", [element("Participant", participant)]),
            element("state", state),
            element("uri", task.uri),
        ],
    )
