"""All tasks, in the order in which they are listed."""

from __future__ import annotations

from tests.tasks.suite import (
    call_data,
    calls,
    consulting,
    failures,
    knowledge,
    refusals,
    state,
)
from tests.tasks.task import Task

TASKS: tuple[Task, ...] = (
    *state.TASKS,
    *calls.TASKS,
    *consulting.TASKS,
    *call_data.TASKS,
    *refusals.TASKS,
    *failures.TASKS,
    *knowledge.TASKS,
)
