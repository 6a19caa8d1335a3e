"""All tasks, in the order in which they are listed."""

from __future__ import annotations

from tests.tasks.suite import consulting, state
from tests.tasks.task import Task

TASKS: tuple[Task, ...] = (*state.TASKS, *consulting.TASKS)
