"""Validates requests on media and tasks, as Finesse does before it responds with 202 (guide p.165 to 187)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.errors import ApiProblem, foreign_user, invalid_input, parameter_missing
from mcp_finesse.simulator.publishing.task_announcements import media_node, tasks_node
from mcp_finesse.simulator.publishing.task_xml import media_uri
from mcp_finesse.simulator.requests.calls import DialogRequest
from mcp_finesse.simulator.requests.requests import Job, UserRequests
from mcp_finesse.simulator.tasks.board import TaskBoard
from mcp_finesse.simulator.tasks.tasks import LEADS_TO, Task
from mcp_finesse.simulator.world.agents import Agent, TargetState
from mcp_finesse.simulator.world.codes import CATEGORIES
from mcp_finesse.simulator.xml_text import whole_number

TASK_ACTIONS = (*LEADS_TO, "CLOSE", "TRANSFER")
INTERRUPT_ACTIONS = ("ACCEPT", "IGNORE")
LOGOUT_ACTIONS = ("CLOSE", "TRANSFER")
STATES = ("LOGIN", "READY", "NOT_READY", "LOGOUT")


@dataclass(frozen=True, slots=True)
class MediaRequest:
    """The body of a PUT request on a Media. Empty strings stand for absent elements."""

    state: str = ""
    routable: str = ""
    reason_code_id: str = ""
    max_dialog_limit: str = ""
    interrupt_action: str = ""
    dialog_logout_action: str = ""


def is_task_id(dialog_id: str) -> bool:
    """Return whether a dialog id belongs to a task. Only ids of tasks have underscores (guide p.186)."""
    return "_" in dialog_id


class TaskRequests:
    """Validates requests on media and tasks, and turns them into jobs."""

    def __init__(self, state: ContactCenterState, users: UserRequests, board: TaskBoard) -> None:
        self._state = state
        self._users = users
        self._board = board

    # Media

    def change_media(self, acting: Agent, user_id: str, media_id: str, request: MediaRequest) -> Job:
        """Validate a sign-in, a state change, a sign-out, or a change of ``routable``.

        Raises:
            ApiProblem: Parameter Missing, Bad Request, Invalid Input for a reason code, or the error for
                another user's Media.
        """
        agent = self._users.own(acting, user_id)
        if request.routable:
            return self._routable(agent, media_id, request.routable)
        if not request.state:
            raise parameter_missing("state")
        if request.state not in STATES:
            raise bad_value("state")
        if request.state == "LOGIN":
            settings = _settings(request)
            return self._job(
                "LOGIN", agent, media_id, lambda id_: self._board.sign_in(agent, media_id, settings, id_)
            )
        codes, state = self._state.codes, request.state
        reason = codes.chosen(state, request.reason_code_id) if state in CATEGORIES else None
        target = TargetState.with_reason(state, reason)
        return self._job(
            state, agent, media_id, lambda id_: self._board.change_state(agent, media_id, target, id_)
        )

    def _routable(self, agent: Agent, media_id: str, wanted: str) -> Job:
        if wanted not in ("true", "false"):
            raise bad_value("routable")
        routable = wanted == "true"
        return self._job(
            "routable", agent, media_id, lambda id_: self._board.set_routable(agent, media_id, routable, id_)
        )

    @staticmethod
    def _job(action: str, agent: Agent, media_id: str, run: Callable[[str], None]) -> Job:
        keys = frozenset({f"media {agent.id} {media_id}"})
        return Job(action, agent.id, media_node(agent.id), media_uri(agent.id, media_id), keys, run)

    # Tasks

    def task(self, acting: Agent, dialog_id: str) -> Task:
        """Return a task of the acting agent.

        Raises:
            ApiProblem: 404 Dialog Not Found, or 401 Invalid Authorization User Specified.
        """
        task = self._board.task(dialog_id)
        if task is None:
            raise ApiProblem(404, "Dialog Not Found", "Invalid dialogId specified for dialog", dialog_id)
        if task.agent_id != acting.id:
            raise foreign_user(acting.id)
        return task

    def act(self, acting: Agent, dialog_id: str, request: DialogRequest) -> Job:
        """Validate a PUT request on a task.

        Raises:
            ApiProblem: the user is wrong, or the dialog is unknown. Also the errors Parameter Missing and
                Invalid Input.
        """
        task, action, to = self.task(acting, dialog_id), request.action, request.to_address
        if not action:
            raise parameter_missing("requestedAction")
        if action not in TASK_ACTIONS:
            raise invalid_input("requestedAction")
        if action == "TRANSFER" and not to:
            raise parameter_missing("toAddress")
        keys = frozenset({f"dialog {dialog_id}"})
        return Job(
            action,
            acting.id,
            tasks_node(acting.id),
            task.uri,
            keys,
            lambda id_: self._board.act(acting, task, dialog_id, action, to, id_),
        )


def bad_value(name: str) -> ApiProblem:
    """Return the error for an invalid value. The guide's Media pages do not list Invalid Input, so it is not used."""
    return ApiProblem(400, "Bad Request", f"Invalid {name}", name)


def _settings(request: MediaRequest) -> tuple[int, str, str]:
    """Return ``maxDialogLimit``, ``interruptAction`` and ``dialogLogoutAction`` of a sign-in (guide p.166)."""
    if not request.max_dialog_limit:
        raise parameter_missing("maxDialogLimit")
    if not request.interrupt_action:
        raise parameter_missing("interruptAction")
    limit = whole_number(request.max_dialog_limit, 1, 10)
    if limit is None:
        raise bad_value("maxDialogLimit")
    if request.interrupt_action not in INTERRUPT_ACTIONS:
        raise bad_value("interruptAction")
    logout_action = request.dialog_logout_action or "CLOSE"
    if logout_action not in LOGOUT_ACTIONS:
        raise bad_value("dialogLogoutAction")
    return limit, request.interrupt_action, logout_action
