"""Every task can be solved with our tools, in both eras of MCP, by clients that can be asked and that cannot."""

from __future__ import annotations

import pytest

from tests.server.support import ERAS
from tests.tasks.every import TASKS
from tests.tasks.opening import Consent
from tests.tasks.playing import Verdict, play
from tests.tasks.scripted import Scripted
from tests.tasks.task import Script, Task, silence

every_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)


def shape(verdict: Verdict) -> list[tuple[str, str]]:
    """What was called, and how each call ended."""
    return [(step.tool, step.ended) for step in verdict.steps]


@pytest.mark.parametrize("era", ERAS, ids=["2025-11-25", "2026-07-28"])
@every_task
async def test_its_solution_solves_it_whether_or_not_the_client_can_be_asked(task: Task, era: str) -> None:
    alone = await play(task, Scripted(task.solution), era=era)
    assert alone.wrong == []
    confirmed = [step for step in alone.steps if "confirmation_code" in step.arguments]
    if era == "legacy" and not confirmed:
        return  # a client of the other era was not asked either: it needs no second run
    consent = Consent()
    asked = await play(task, Scripted(task.solution), era=era, consent=consent)
    assert asked.wrong == []
    # A client that cannot be asked confirms with a code wherever the other one was asked
    assert len(consent.asked) == len(confirmed)
    assert without_waits(shape(alone)) == without_waits(shape(asked))


@every_task
async def test_its_solution_solves_it_when_request_ids_are_sparse(task: Task) -> None:
    sparse = await play(task, Scripted(task.solution), request_ids="sparse")
    assert sparse.wrong == []
    if unknown := [step for step in shape(sparse) if step[1] == "unknown"]:
        every = await play(task, Scripted(task.solution))
        assert unknown == [step for step in shape(every) if step[1] == "unknown"]


def without_waits(steps: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Steps without those that were only repeated because something was not ready yet."""
    return [step for step in steps if step[1] != "error"]


@every_task
async def test_its_wrong_script_is_found_out(task: Task) -> None:
    assert not (await play(task, Scripted(task.wrong))).passed


@every_task
async def test_doing_nothing_is_found_out(task: Task) -> None:
    assert not (await play(task, Scripted(silence))).passed


@every_task
async def test_boasting_is_found_out(task: Task) -> None:
    def boast() -> Script:
        yield from ()
        return "Done!"

    assert not (await play(task, Scripted(boast))).passed
