"""The table of a run: a line for each run of a task, and what they come to."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.tasks.playing import Verdict
from tests.tasks.task import Task

_NAME = 26


@dataclass(frozen=True)
class Row:
    """One run of a task: what the table shows of it. ``errors``: calls of tools that were refused or failed."""

    task: str
    wrong: tuple[str, ...]
    steps: int
    errors: int
    tokens: tuple[int, int]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether nothing was wrong."""
        return not self.wrong

    def __str__(self) -> str:
        line = (
            f"{'passed' if self.passed else 'FAILED'}  {self.task:<{_NAME}} {self.steps:>3} steps {self.errors:>2} "
            f"errors {self.tokens[0]:>7} + {self.tokens[1]:<5} tokens {self.seconds:>7.1f} s"
        )
        return "\n".join([line, *(f"        - {textwrap.shorten(what, 150)}" for what in self.wrong)])


def row_of(verdict: Verdict) -> Row:
    """What the table shows of a verdict."""
    errors = sum(step.ended in ("error", "failed") for step in verdict.steps)
    return Row(
        verdict.task, tuple(verdict.wrong), len(verdict.steps), errors, verdict.tokens, verdict.seconds
    )


def summary(rows: Sequence[Row]) -> str:
    """The last line, and the tasks that did not pass each time."""
    passed = sum(row.passed for row in rows)
    lines = [
        f"{passed} of {len(rows)} runs passed; {sum(row.steps for row in rows)} steps, "
        f"{sum(row.errors for row in rows)} errors, {sum(sum(row.tokens) for row in rows)} tokens, "
        f"{sum(row.seconds for row in rows):.1f} s."
    ]
    for name in dict.fromkeys(row.task for row in rows if not row.passed):
        mine = [row.passed for row in rows if row.task == name]
        lines.append(f"  {name}: {sum(mine)} of {len(mine)}")
    return "\n".join(lines)


def listing(tasks: Iterable[Task]) -> str:
    """Names of tasks, and what the user says."""
    return "\n".join(f"{task.id:<{_NAME}} {textwrap.shorten(task.says, 110)}" for task in tasks)
