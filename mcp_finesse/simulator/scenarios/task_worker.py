"""A scripted agent's work on chats and e-mails: accepts each task, starts it and closes it after a while."""

from __future__ import annotations

from collections.abc import Callable

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.scenarios.working_agent import first_reason
from mcp_finesse.simulator.tasks.tasks import Task


class TaskWorker:
    """One agent in one media routing domain. The owner calls ``step`` often.

    Args:
        center: the contact center.
        agent_id: the agent.
        media_id: the domain.
        tasks_at_once: how many tasks the agent accepts at once.
        next_durations: a function that returns the seconds before the agent accepts the next task, and the
            seconds before the agent closes it.
    """

    def __init__(
        self,
        center: ContactCenter,
        agent_id: str,
        media_id: str,
        tasks_at_once: int,
        next_durations: Callable[[], tuple[float, float]],
    ) -> None:
        self._center = center
        self._agent_id = agent_id
        self._media_id = media_id
        self._tasks_at_once = tasks_at_once
        self._next_durations = next_durations
        self._tasks: dict[str, tuple[str, float, float, float]] = {}

    def sign_in(self) -> None:
        """Sign in to the domain and become READY."""
        agent = self._center.colleague(self._agent_id)
        agent.sign_in_to_media(self._media_id, self._tasks_at_once)
        self.change_state("READY")

    def change_state(self, state: str, reason_id: str = "") -> None:
        """Request READY, NOT_READY or LOGOUT in the domain. Without ``reason_id``, the first reason applies."""
        reason = reason_id or first_reason(self._center, state)
        agent = self._center.colleague(self._agent_id)
        agent.change_media(self._media_id, state=state, reason_code_id=reason)

    def step(self, now: float) -> None:
        """Do what is due. ``now`` is seconds since any fixed point in time."""
        tasks = {task.id: task for task in self._center.tasks.tasks_of(self._agent_id, self._media_id)}
        self._tasks = {id_: known for id_, known in self._tasks.items() if id_ in tasks}
        for id_, task in tasks.items():
            state, since, accept, close = self._tasks.get(id_) or (task.state, now, *self._next_durations())
            if state != task.state:
                state, since = task.state, now
            self._tasks[id_] = (state, since, accept, close)
            self._act(task, now - since, accept, close)

    def _act(self, task: Task, elapsed: float, accept: float, close: float) -> None:
        action = ""
        if task.state == "OFFERED" and elapsed >= accept:
            action = "ACCEPT"
        elif task.state == "ACCEPTED":
            action = "START"
        elif task.state == "ACTIVE" and elapsed >= close:
            action = "CLOSE"
        if action in self._center.tasks.actions(task):
            try:
                self._center.colleague(self._agent_id).act_on_task(action, task.id)
            except ApiProblem:
                return  # the customer has just left
