"""Code shared by the tools for media and tasks: read the current state, act, report the outcome."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from mcp_finesse.model import NAME_THE_VALUE
from mcp_finesse.server.present.limits import READY_SECONDS
from mcp_finesse.server.present.results import OutcomeResult
from mcp_finesse.server.present.task_summaries import media_line, media_summary, task_line, task_summary
from mcp_finesse.server.tools.freshness import refresh_if_stale
from mcp_finesse.session import FinesseSession, Outcome, OutcomeStatus
from mcp_finesse.session.actions.action import Action


class TaskOutcome(OutcomeResult):
    """The outcome of an action on a task or a media."""

    noun: ClassVar[str] = "Task"
    task: dict[str, Any] | None = None
    media: dict[str, Any] | None = None

    @classmethod
    def of_task(cls, outcome: Outcome, session: FinesseSession, hint: str = "") -> Self:
        """Create the result as ``of`` does, with a summary of the task or media."""
        outcome_result = cls.of(outcome.model_copy(update={"dialog": None}), None, hint)
        if outcome.dialog is not None:
            outcome_result.task = task_summary(outcome.dialog, session.mirror)
            outcome_result.ended_dialog = None
        if outcome.media is not None:
            outcome_result.media = media_summary(outcome.media, session.mirror)
        return outcome_result

    def __str__(self) -> str:
        lines = [super().__str__()]
        if self.task:
            lines.append(task_line(self.task))
        if self.media:
            lines.append(media_line(self.media))
        return "\n".join(lines)


async def perform_on_task(session: FinesseSession, action: Action, *, hint: str = "") -> TaskOutcome:
    """Perform an action and report its outcome. ``hint`` is advice that is shown unless the action succeeded."""
    await session.ready(READY_SECONDS)
    outcome = await session.act(action)
    missed = outcome.status in (OutcomeStatus.FAILED, OutcomeStatus.UNKNOWN)
    if missed and hint and outcome.advice == NAME_THE_VALUE:
        outcome = outcome.model_copy(update={"advice": ""})
    return TaskOutcome.of_task(outcome, session, hint if missed else "")


async def refresh_tasks_if_stale(session: FinesseSession) -> str | None:
    """Call ``refresh_if_stale`` for the media and tasks."""

    def is_known() -> bool:
        return session.mirror.task_store.known

    return await refresh_if_stale(session, is_known, session.refresh_tasks)
