"""The tasks for models as the documentation shows them: one row each, and the help text of the command."""

from __future__ import annotations

import inspect

import click

from tests.tasks.__main__ import main
from tests.tasks.every import TASKS
from tests.tasks.task import Task

HEAD = ("Task", "The user says", "Correct result", "Toolsets", "Setting")
USUAL_AGENT = "1001"


def rows() -> list[tuple[str, ...]]:
    """Return the cells of the table, in the order of ``HEAD``."""
    return [
        (
            f"`{task.id}`",
            task.says,
            inspect.getdoc(task.right) or "",
            ", ".join(task.toolsets),
            _setting(task),
        )
        for task in TASKS
    ]


def _setting(task: Task) -> str:
    special = {
        f"agent {task.agent}": task.agent != USUAL_AGENT,
        "read-only": task.read_only,
        "two nodes": task.nodes > 1,
        task.platform: task.platform != "UCCE",
    }
    return ", ".join(name for name, is_so in special.items() if is_so) or "none"


def help_text() -> str:
    """Return the help text of the command."""
    context = click.Context(main, info_name="python -m tests.tasks", max_content_width=100)
    return f"```text\n{main.get_help(context)}\n```\n"
