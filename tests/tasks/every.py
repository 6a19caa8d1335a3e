"""All tasks, in the order in which they are listed."""

from __future__ import annotations

from tests.tasks.suite import (
    administration,
    call_data,
    calls,
    campaigns,
    consulting,
    failures,
    knowledge,
    refusals,
    routed,
    site_rules,
    state,
    supervising,
    watching,
)
from tests.tasks.task import Task

_MODULES = (
    state,
    calls,
    consulting,
    call_data,
    refusals,
    failures,
    knowledge,
    watching,
    site_rules,
    supervising,
    campaigns,
    routed,
    administration,
)

TASKS: tuple[Task, ...] = tuple(task for module in _MODULES for task in module.TASKS)
