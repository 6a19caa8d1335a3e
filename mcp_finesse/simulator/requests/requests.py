"""Validates requests on users, as Finesse does before it responds with 202, and creates the jobs for CTI."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.errors import (
    ApiProblem,
    foreign_user,
    invalid_input,
    not_supervised,
    parameter_missing,
    unknown_user,
    wrong_state,
)
from mcp_finesse.simulator.publishing.announcements import Cause, dialogs_node, user_node
from mcp_finesse.simulator.requests.sign_ins import SignIns
from mcp_finesse.simulator.world.agents import REQUESTABLE, STATES, Agent, TargetState
from mcp_finesse.simulator.world.codes import CATEGORIES
from mcp_finesse.simulator.world.devices import Mobile, SignIn


@dataclass(frozen=True, slots=True)
class Job:
    """The work that remains after the validation of a request.

    Attributes:
        action: the requestedAction, or the requested state.
        user_id: the user on whose feed an asynchronous error is published.
        node: the pubsub node of the user's feed.
        source: the URI of the object. An asynchronous error names this URI.
        keys: the object and the device for which the job may have to wait.
        run: a function that executes the job with the request id. It raises ``CtiError``.
        dialog_id: dialog of the request, if any.
    """

    action: str
    user_id: str
    node: str
    source: str
    keys: frozenset[str]
    run: Callable[[str], None]
    dialog_id: str = ""


class UserRequests:
    """Requests on User objects: sign-in, sign-out, state changes (guide p.29 to 51).

    Args:
        state: the state of agents and calls.
        publish_user: a function that publishes an unchanged User with a request id.
        announce: a function that publishes changes.
    """

    def __init__(
        self,
        state: ContactCenterState,
        publish_user: Callable[[Agent, str], None],
        announce: Callable[[Cause], None],
    ) -> None:
        self._state = state
        self.sign_ins = SignIns(state, publish_user, announce)
        self._announce = announce

    def agent(self, user_id: str, by_name: bool = False) -> Agent:
        """Return the user whose id is in a path. On CCE, ``by_name`` also allows the login name.

        Raises:
            ApiProblem: 404 User Not Found, if the user does not exist.
        """
        names = by_name or self._state.rules.logins_everywhere
        found = self._state.find_agent(user_id) if names else self._state.agents.get(user_id)
        if found is None:
            raise unknown_user(user_id)
        return found

    def own(self, acting: Agent, user_id: str) -> Agent:
        """Return the user named in a path, who must be the acting agent.

        Raises:
            ApiProblem: 404 User Not Found, 401 Invalid Authorization User Specified.
        """
        found = self.agent(user_id)
        if found is not acting:
            raise foreign_user(user_id)
        return found

    def readable(self, acting: Agent, user_id: str, by_name: bool = False) -> Agent:
        """Return the user named in a path: the acting agent, or a member of a supervised team.

        Raises:
            ApiProblem: 404 User Not Found, 401 Invalid Authorization User Specified.
        """
        found = self.agent(user_id, by_name)
        if found is not acting and not acting.record.is_supervisor_of(found.record):
            raise foreign_user(user_id)
        return found

    def sign_in(
        self,
        acting: Agent,
        user_id: str,
        extension: str,
        device_id: str = "",
        mobile: Mobile | None = None,
    ) -> Job:
        """Validate LOGIN.

        Raises:
            ApiProblem: the errors of ``own`` and ``SignIns.check``.
        """
        agent, wanted = self.own(acting, user_id), SignIn(extension, device_id, mobile)
        self.sign_ins.check(wanted)
        return self._job(
            "LOGIN", agent, lambda request_id: self.sign_ins.carry_out(agent, wanted, request_id)
        )

    def change_state(self, acting: Agent, user_id: str, state: str, reason_code_id: str = "") -> Job:
        """Validate READY, NOT_READY or LOGOUT, requested by the agent or by a supervisor of the team.

        Raises:
            ApiProblem: Parameter Missing, Invalid Input, Invalid State, Invalid Supervisor, or a similar error.
        """
        agent = self.agent(user_id)
        by_supervisor = agent is not acting
        if by_supervisor:
            self._require_supervisor(acting, agent)
        if not state:
            raise parameter_missing("state")
        if state not in STATES:
            raise invalid_input("state")
        if state == "LOGOUT" and not agent.signed_in:
            raise ApiProblem(400, "Invalid State", "The user is signed out", "state")
        target = (
            self._supervisor_target(state, reason_code_id)
            if by_supervisor
            else self._target(agent, state, reason_code_id)
        )
        return self._job(
            state, agent, lambda request_id: self._change_state(agent, target, by_supervisor, request_id)
        )

    def _require_supervisor(self, acting: Agent, agent: Agent) -> None:
        if not acting.record.supervises:
            raise foreign_user(agent.id)
        if not acting.record.is_supervisor_of(agent.record):
            raise not_supervised(agent.id)

    def _target(self, agent: Agent, state: str, reason_code_id: str) -> TargetState:
        team_id = agent.record.team_id
        reason = self._state.codes.chosen(state, reason_code_id, team_id) if state in CATEGORIES else None
        return TargetState.with_reason(state, reason)

    def _supervisor_target(self, state: str, reason_code_id: str) -> TargetState:
        """Return the state that a supervisor requests, with the platform's fixed reason code (guide p.47)."""
        if state not in ("READY", "NOT_READY", "LOGOUT"):
            raise ApiProblem(400, "Invalid State", "Not a state a supervisor may ask for", "state")
        if reason_code_id:
            raise invalid_input("reasonCodeId")
        code = self._state.rules.supervisor_codes.get(state)
        return TargetState.with_reason(state, None if code is None else self._state.codes.system(state, code))

    def _change_state(self, agent: Agent, target: TargetState, by_supervisor: bool, request_id: str) -> None:
        if target.state not in REQUESTABLE:
            raise wrong_state()
        agent.request_state(target, self._state.call_kind(agent.id), by_supervisor)
        self._announce(Cause(request_id, agent.id))

    def _job(self, action: str, agent: Agent, run: Callable[[str], None]) -> Job:
        node = user_node(agent.id)
        return Job(action, agent.id, node, node, frozenset({f"user {agent.id}"}), run)


def call_job(
    action: str,
    agent: Agent,
    dialog_id: str,
    keys: frozenset[str],
    run: Callable[[str], None],
    known: bool = True,
) -> Job:
    """Return a job on a dialog. ``known`` is false if MAKE_CALL has not created the dialog yet."""
    source = f"/finesse/api/Dialog/{dialog_id}"
    return Job(action, agent.id, dialogs_node(agent.id), source, keys, run, dialog_id if known else "")
