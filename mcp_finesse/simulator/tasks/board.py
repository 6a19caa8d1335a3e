"""The rules for tasks and media states: routing, actions and interrupts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count

from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.tasks import errors
from mcp_finesse.simulator.tasks.tasks import (
    ACTIONS,
    CAN_BE_INTERRUPTED,
    LEADS_TO,
    NOT_STARTED,
    MediaUser,
    Task,
)
from mcp_finesse.simulator.world.agents import IN_CALL, Agent, TargetState
from mcp_finesse.simulator.world.media_domains import VOICE_ID

REMEMBERED_DISPOSITIONS = 100


class TaskBoard:
    """All tasks, and the state of every user in every domain.

    Attributes:
        domains: the domains for tasks by id, without the voice domain. Empty on CCX.
        users: the state of each user in each domain, by user id and domain id.
        tasks: open tasks, oldest first.
        dispositions: the reasons why recent tasks were closed, by dialog id.
        changed: a function that is called after a change that must be published. The argument of the function
            is a request id or an empty string.
    """

    def __init__(self, state: ContactCenterState) -> None:
        self._state = state
        self._numbers = count(88)
        configured = state.world.media_domains if state.rules.queue_and_media_feeds else ()
        self.domains = {each.id: each for each in configured if each.id != VOICE_ID}
        self.users = {
            (agent_id, domain.id): MediaUser(agent_id, domain)
            for agent_id in state.agents
            for domain in self.domains.values()
        }
        self.tasks: list[Task] = []
        self.dispositions: dict[str, str] = {}
        self.changed: Callable[[str], None] = lambda _request_id: None

    def task(self, dialog_id: str) -> Task | None:
        """Return the task with this id if it is offered or assigned to an agent. Otherwise return None."""
        return next((task for task in self.tasks if task.agent_id and task.id == dialog_id), None)

    def tasks_of(self, agent_id: str, domain_id: str = "") -> list[Task]:
        """Return the tasks of an agent. If a domain is given, return only the tasks in that domain."""
        return [
            task for task in self.tasks if task.agent_id == agent_id and domain_id in ("", task.domain.id)
        ]

    def actions(self, task: Task) -> tuple[str, ...]:
        """Return the actions that the agent of the task may request. An interrupted task has no actions."""
        return () if self.is_interrupted(task) else ACTIONS[task.state]

    def is_interrupted(self, task: Task) -> bool:
        """Return whether the task is interrupted by other work of its agent."""
        user = self.users[task.agent_id, task.domain.id]
        return user.interrupted and task.state in CAN_BE_INTERRUPTED

    # Users in domains

    def sign_in(self, agent: Agent, media_id: str, settings: tuple[int, str, str], request_id: str) -> None:
        """Sign in. The user becomes NOT_READY and routable. A repeated sign-in fails, but updates the settings (p.168).

        Raises:
            CtiError: the domain is unknown or is the voice domain. Or the user is not configured for the
                domain, or is already signed in to the domain.
        """
        user = self._configured(agent, media_id)
        user.max_dialog_limit, user.interrupt_action, user.dialog_logout_action = settings
        user.settings_known_to = self._state.receiving_node
        if user.base != "LOGOUT":
            self.changed(request_id)
            raise errors.already_signed_in(media_id)
        user.go(TargetState.with_reason("NOT_READY", None))
        user.routable, user.leaves_routing = True, False
        self.changed(request_id)

    def change_state(self, agent: Agent, media_id: str, target: TargetState, request_id: str) -> None:
        """Change to READY, NOT_READY or LOGOUT. READY in state READY is silently ignored.

        Raises:
            CtiError: the user is not signed in, or requests READY again although the user has tasks.
        """
        user = self._signed_in(agent, media_id)
        if target.state == "READY" and user.base == "READY":
            if user.shown == "READY":
                return
            raise errors.wrong_sequence(media_id)
        if target.state == "LOGOUT":
            self._end_tasks_of(user)
        user.go(target)
        self.changed(request_id)

    def set_routable(self, agent: Agent, media_id: str, routable: bool, request_id: str) -> None:
        """Start or stop routing tasks to an agent. Stopping takes effect when no task waits to be started (p.171).

        Raises:
            CtiError: the user is not signed in, or ``routable`` already has the requested value.
        """
        user = self._signed_in(agent, media_id)
        if routable == (user.routable and not user.leaves_routing):
            raise errors.already_in_mode(media_id)
        user.routable, user.leaves_routing = True, not routable
        self.changed(request_id)

    def _configured(self, agent: Agent, media_id: str) -> MediaUser:
        if media_id == VOICE_ID:
            raise errors.voice_domain(media_id)
        if media_id not in self.domains:
            raise errors.unknown_domain(media_id)
        if agent.id not in self.domains[media_id].agents:
            raise errors.not_configured(media_id)
        return self.users[agent.id, media_id]

    def _signed_in(self, agent: Agent, media_id: str) -> MediaUser:
        user = self._configured(agent, media_id)
        if user.base == "LOGOUT":
            raise errors.not_signed_in(media_id)
        return user

    def _end_tasks_of(self, user: MediaUser) -> None:
        """Close or transfer the tasks of a user who signs out, as the user chose at sign-in."""
        for task in self.tasks_of(user.agent_id, user.domain.id):
            if user.dialog_logout_action == "TRANSFER":
                self._resubmit(task)
            else:
                self._close(task, "AGENT_LOGOUT")

    # Tasks

    def add_task(self, domain_id: str, variables: Mapping[str, str], agent_id: str = "") -> Task:
        """Add a new task. With ``agent_id`` it is offered only to that agent.

        Raises:
            KeyError: the domain does not exist.
        """
        task = Task(self.domains[domain_id], next(self._numbers), self._state.clock(), wanted=agent_id)
        task.variables.update(variables)
        self.tasks.append(task)
        self.changed("")
        return task

    def withdraw(self, task: Task) -> None:
        """Close a task because the customer has left.

        Raises:
            ValueError: the task is already closed.
        """
        if task not in self.tasks:
            raise ValueError(f"task {task.id} is closed already")
        self._close(task, "CUSTOMER_LEFT")
        self.changed("")

    def act(self, agent: Agent, task: Task, dialog_id: str, action: str, to: str, request_id: str) -> None:
        """Execute an agent's action on a task.

        Raises:
            CtiError: the task no longer exists, is interrupted, or is in a state that does not allow the
                action. Or the script selector does not exist.
        """
        media_id = task.domain.id
        if task not in self.tasks or task.id != dialog_id or task.agent_id != agent.id:
            raise errors.task_not_found(dialog_id, media_id)
        if self.is_interrupted(task):
            raise errors.is_interrupted(media_id)
        if action not in ACTIONS[task.state]:
            raise errors.wrong_sequence(media_id)
        if action == "CLOSE":
            self._close(task, "CLOSED_BY_AGENT")
        elif action == "TRANSFER":
            if to not in task.domain.selectors:
                raise errors.no_such_selector(media_id)
            self._resubmit(task)
        else:
            task.become(LEADS_TO[action], self._state.clock())
        self.changed(request_id)

    def _close(self, task: Task, disposition: str) -> None:
        self.dispositions[task.id] = task.disposition = disposition
        for forgotten in [*self.dispositions][:-REMEMBERED_DISPOSITIONS]:
            del self.dispositions[forgotten]
        task.become("CLOSED", self._state.clock())
        self.tasks.remove(task)

    @staticmethod
    def _resubmit(task: Task) -> None:
        """Return the task to routing, for another agent."""
        task.refused_by.add(task.agent_id)
        task.agent_id = task.wanted = ""

    # Automatic reactions

    def follow(self) -> None:
        """Update three things: the interrupts, the routable flag of users, and the displayed states."""
        for user in self.users.values():
            states = [task.state for task in self.tasks_of(user.agent_id, user.domain.id)]
            user.interrupted = self._has_other_work(user) and bool(set(states) & set(CAN_BE_INTERRUPTED))
            if user.leaves_routing and not set(states) & set(NOT_STARTED):
                user.routable = user.leaves_routing = False
            user.show(states, self._state.clock())

    def _has_other_work(self, user: MediaUser) -> bool:
        """Return whether the user has a call, or a started task in a domain that is not interruptible."""
        if not user.domain.interruptible or user.interrupt_action != "ACCEPT":
            return False
        elsewhere = (task for task in self.tasks_of(user.agent_id) if not task.domain.interruptible)
        busy = any(task.state in ("ACCEPTED", "ACTIVE") for task in elsewhere)
        return busy or self._state.agents[user.agent_id].state in IN_CALL

    def offer_next(self) -> bool:
        """Offer the first task for which an agent is free. Return whether a task was offered."""
        for task in self.tasks:
            user = None if task.agent_id else next(self._free(task), None)
            if user is not None:
                task.offer_to(user.agent_id, self._state.clock())
                self._start_accept_timer(task, task.id)
                return True
        return False

    def _free(self, task: Task) -> Iterator[MediaUser]:
        """Yield the ready and routable users who are below their task limit. The least busy user comes first."""
        users = [user for user in self.users.values() if user.domain is task.domain]
        for user in sorted(users, key=lambda user: len(self.tasks_of(user.agent_id, user.domain.id))):
            load = len(self.tasks_of(user.agent_id, user.domain.id))
            available = user.base == "READY" and user.routable and not user.leaves_routing
            if (
                available
                and load < user.max_dialog_limit
                and user.agent_id not in task.refused_by
                and task.wanted in ("", user.agent_id)
                and not self._has_other_work(user)
            ):
                yield user

    def _start_accept_timer(self, task: Task, offered_as: str) -> None:
        def not_answered() -> None:
            if task.id == offered_as and task.state == "OFFERED" and task.agent_id:
                self.users[task.agent_id, task.domain.id].routable = False
                task.agent_id = ""
                self.changed("")

        self._state.after(task.domain.start_timeout, not_answered)
