"""The tasks as data: enough of them, each in its form."""

from __future__ import annotations

import re

import pytest

from mcp_finesse.server.toolsets.selection import TOOLSETS
from tests.tasks.every import TASKS
from tests.tasks.task import Task

every_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)


def test_there_are_at_least_thirty_with_names_of_their_own() -> None:
    assert len({task.id for task in TASKS}) == len(TASKS) >= 30
    assert len({task.says for task in TASKS}) == len(TASKS)


def test_every_toolset_is_needed_by_some_task() -> None:
    assert {"core", *(name for task in TASKS for name in task.toolsets)} >= set(TOOLSETS)


@every_task
def test_it_is_in_form(task: Task) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", task.id)
    assert set(task.toolsets) <= set(TOOLSETS)
    assert task.says.strip() == task.says
    assert 2 <= task.budget <= 20
    assert task.right.__doc__, "the list of tasks says what is right at the end"
    assert not any(name in task.says for toolset in TOOLSETS.values() for name in toolset.names), (
        "users do not know the names of tools"
    )
