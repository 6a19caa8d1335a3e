"""How a run is led and judged, whoever plays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcp_finesse.simulator.contact_center import ContactCenter
from tests.tasks.ending import Ending
from tests.tasks.every import TASKS
from tests.tasks.playing import play
from tests.tasks.scripted import Scripted
from tests.tasks.stage import Stage
from tests.tasks.task import Say, Script, Task, only_says, use

LUNCH = next(task for task in TASKS if task.id == "lunch")


def ending(said: str = "", **more: object) -> Ending:
    state = {"users": {"1001": {"state": "READY", "reasonCode": None}}, "dialogs": {}}
    values = {
        "center": ContactCenter(later=lambda *_: None),
        "before": state,
        "truth": state,
        "requests": [],
        "journal": [],
        "steps": [],
        "said": [said],
        "marks": {"call": "7"},
    }
    return Ending(**(values | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "pattern", "holds"),
    [
        ("You are NOT_READY now.", "not ready", True),
        ("The call is **on hold**.", "is on hold", True),
        ("I can’t do that.", "can't", True),
        ("Line one\nline two", "one.*two", True),
        ("You are ready.", "not ready", False),
        ("", "ready", False),
    ],
)
def test_words_are_found_however_a_model_sets_them(said: str, pattern: str, holds: bool) -> None:
    looked = ending(said)
    looked.says(pattern)
    assert (looked.wrong == []) is holds
    looked = ending(said)
    looked.does_not_say(pattern)
    assert (looked.wrong == []) is not holds


def test_a_call_that_is_over_is_no_reason_to_stumble() -> None:
    looked = ending()
    assert looked.dialog("call") == {}
    assert looked.states("call") == {}
    assert looked.variables("call") == {}
    looked.talk("4501", "4502")
    assert len(looked.wrong) == 1


def test_a_changed_state_is_noticed() -> None:
    looked = ending(before={"users": {}, "dialogs": {}})
    looked.nothing_changed()
    looked.is_in_state("NOT_READY", 41)
    assert len(looked.wrong) == 2


async def test_calls_in_one_message_count_each_towards_the_budget() -> None:
    def busy() -> Script:
        for _ in range(3):
            yield use("get_user")
        return "lunch 41"

    verdict = await play(replace(LUNCH, budget=2), Scripted(busy))
    assert "more than 2 calls of tools" in verdict.wrong
    assert len(verdict.steps) == 2


async def test_what_floor_and_script_and_check_do_is_in_the_verdict() -> None:
    async def floor(stage: Stage) -> None:
        await stage.signed_in()
        stage.marks["noted"] = "33"

    def right(end: Ending) -> None:
        end.expect(end.marks == {"noted": "33"}, "the mark is lost")
        end.expect(end.said == ["Shall I?", "You said yes."], "words are lost")
        end.expect([(step.tool, step.ended) for step in end.steps] == [("get_user", "ok")], "steps are lost")

    def script() -> Script:
        yield use("get_user")
        reply = yield Say("Shall I?")
        return f"You said {reply.text}."

    task = Task("own", "Do it.", floor, right, script, only_says(""), replies=("yes",))
    verdict = await play(task, Scripted(script))
    assert verdict.wrong == []
    told = [next(iter(line)) for line in verdict.transcript]
    assert told == ["user", "tool", "said", "user", "said"]


async def test_a_script_that_expected_something_else_fails_the_run() -> None:
    def stumbles() -> Script:
        calls = yield use("get_dialogs")
        yield use("hold_call", dialog_id=calls.data["dialogs"][0]["id"])
        return "on hold"

    verdict = await play(LUNCH, Scripted(stumbles))
    assert any("did not expect" in wrong for wrong in verdict.wrong)


async def test_a_check_that_cannot_look_fails_the_run() -> None:
    def right(end: Ending) -> None:
        end.says(end.truth["users"]["none"])

    verdict = await play(replace(LUNCH, right=right), Scripted(LUNCH.solution))
    assert any("cannot be judged" in wrong for wrong in verdict.wrong)


async def test_a_floor_on_which_somebody_stumbles_is_an_error_of_the_task_not_of_the_model() -> None:
    async def floor(stage: Stage) -> None:
        stage.once(lambda: True, lambda: stage.center.colleague("none"))

    with pytest.raises(BaseExceptionGroup) as raised:
        await play(replace(LUNCH, floor=floor), Scripted(LUNCH.solution))
    assert raised.group_contains(KeyError)
