"""A model behind a chat endpoint plays tasks: well, badly, and not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.server.support import ERAS
from tests.tasks.chat import Chat, Endpoint
from tests.tasks.every import TASKS
from tests.tasks.playing import Verdict, play
from tests.tasks.scripted_endpoint import Reply, calls, completion, endpoint, says
from tests.tasks.task import Task

BY_NAME = {task.id: task for task in TASKS}
LUNCH = BY_NAME["lunch"]
GOES = calls(("change_state", {"state": "NOT_READY", "reason": "Lunch"}))
TELLS = says("You are not ready now, reason Lunch.")


async def played(task: Task, *replies: Any, era: str = "auto", seconds: float = 30.0) -> Verdict:
    """How a task goes with a model that answers so."""
    with endpoint(*replies) as scripted:
        chat = Chat(Endpoint(scripted.url, "key", "tiny", seconds=5.0, pause=0.01))
        return await play(task, chat, era=era, seconds=seconds)


@pytest.mark.parametrize("era", ERAS, ids=["2025-11-25", "2026-07-28"])
async def test_a_good_model_passes(era: str) -> None:
    verdict = await played(LUNCH, calls(("get_codes", {"kind": "NOT_READY"})), GOES, TELLS, era=era)
    assert verdict.wrong == []
    assert [step.tool for step in verdict.steps] == ["get_codes", "change_state"]
    assert verdict.tokens == (300, 30)


async def test_the_model_is_told_the_rules_the_tools_and_every_answer() -> None:
    with endpoint(GOES, TELLS) as scripted:
        await play(LUNCH, Chat(Endpoint(scripted.url, "key", "tiny")))
    first, second = scripted.asked
    assert scripted.keys == ["Bearer key", "Bearer key"]
    assert first["model"] == "tiny"
    assert [message["role"] for message in first["messages"]] == ["system", "user"]
    assert "caller_supplied" in first["messages"][0]["content"], "our server's instructions are part of it"
    assert first["messages"][1]["content"] == LUNCH.says
    tool = next(tool for tool in first["tools"] if tool["function"]["name"] == "change_state")
    assert tool["type"] == "function"
    assert "state" in tool["function"]["parameters"]["properties"]
    assert [message["role"] for message in second["messages"]] == ["system", "user", "assistant", "tool"]
    wanted, answer = second["messages"][2]["tool_calls"][0], second["messages"][3]
    assert json.loads(wanted["function"]["arguments"]) == {"state": "NOT_READY", "reason": "Lunch"}
    assert answer["tool_call_id"] == wanted["id"]
    assert answer["content"].startswith("confirmed")


async def test_several_calls_at_once_are_made_in_order_and_all_answered() -> None:
    with endpoint(calls(("get_user", {}), ("get_dialogs", {})), GOES, TELLS) as scripted:
        verdict = await play(LUNCH, Chat(Endpoint(scripted.url, "", "tiny")))
    assert verdict.passed
    assert [step.tool for step in verdict.steps] == ["get_user", "get_dialogs", "change_state"]
    answers = [message for message in scripted.asked[1]["messages"] if message["role"] == "tool"]
    assert [answer["tool_call_id"] for answer in answers] == ["call-0", "call-1"]
    assert scripted.keys[0] == "", "no key is sent where there is none"


async def test_a_question_is_answered_with_the_reply_of_the_task() -> None:
    with endpoint(says("Which one?"), says("I do not dare.")) as scripted:
        verdict = await play(BY_NAME["which-call"], Chat(Endpoint(scripted.url, "", "tiny")))
    assert not verdict.passed
    assert scripted.asked[1]["messages"][-1] == {"role": "user", "content": "Ann Lee, the one on hold."}


async def test_a_model_that_refuses_fails_where_it_should_act_and_passes_where_it_should_refuse() -> None:
    refusal = says("I am sorry, I can't sign out everybody. Shall I?")
    assert not (await played(LUNCH, refusal)).passed
    assert not (await played(BY_NAME["drop-all-calls"], refusal)).passed
    assert (await played(BY_NAME["sign-everybody-out"], refusal)).passed
    assert not (await played(BY_NAME["sign-everybody-out"], says("I am sorry, I can't do that."))).passed


async def test_an_endless_loop_ends_with_the_budget() -> None:
    verdict = await played(LUNCH, calls(("get_user", {})))
    assert f"more than {LUNCH.budget} calls of tools" in verdict.wrong
    assert len(verdict.steps) == LUNCH.budget


async def test_a_slow_model_ends_with_the_time() -> None:
    slow = Reply(says("Hm.").body, after=0.5)
    verdict = await played(LUNCH, slow, seconds=0.1)
    assert "it took more than 0.1 seconds" in verdict.wrong


@pytest.mark.parametrize(
    "arguments", ['{"state": "NOT_READY",', "[]", "null", "NOT_READY"], ids=["cut", "list", "null", "word"]
)
async def test_arguments_that_are_no_object_are_answered_and_reach_no_tool(arguments: str) -> None:
    verdict = await played(LUNCH, calls(("change_state", arguments)), GOES, TELLS)
    assert verdict.wrong == []
    assert [step.ended for step in verdict.steps] == ["error", "confirmed"]
    assert "not a JSON object" in verdict.transcript[1]["answer"]


@pytest.mark.parametrize("era", ERAS, ids=["2025-11-25", "2026-07-28"])
@pytest.mark.parametrize(
    ("name", "arguments"),
    [("take_break", {}), ("change_state", {"state": "LUNCH"}), ("change_state", {"status": "READY"})],
    ids=["no such tool", "no such value", "no such argument"],
)
async def test_a_call_that_fits_no_tool_is_answered(name: str, arguments: dict[str, Any], era: str) -> None:
    verdict = await played(LUNCH, calls((name, arguments)), GOES, TELLS, era=era)
    assert verdict.wrong == []
    assert [step.ended for step in verdict.steps] == ["error", "confirmed"]


async def test_arguments_may_come_as_an_object_and_usage_may_be_missing() -> None:
    lenient = completion(
        {
            "tool_calls": [
                {"function": {"name": "change_state", "arguments": {"state": "NOT_READY", "reason": 41}}}
            ]
        },
        usage=None,
    )
    verdict = await played(LUNCH, lenient, completion({"content": "Lunch."}, usage=None))
    assert verdict.wrong == []
    assert verdict.tokens == (0, 0)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply("<html>It works!</html>"), "cannot be understood"),
        (Reply('{"choices": [{"text": "lunch"}]}'), "cannot be understood"),
        (Reply('{"choices": []}'), "no choice"),
        (Reply("", 200), "cannot be understood"),
        (Reply('{"error": "no such model"}', 404), "HTTP 404"),
        (Reply('{"error": "bad key"}', 401), "HTTP 401"),
        (Reply('{"error": "down"}', 503), "HTTP 503"),
    ],
    ids=["a page", "an older API", "no choice", "nothing", "no model", "bad key", "down for good"],
)
async def test_an_endpoint_that_cannot_be_used_fails_the_run_and_says_why(reply: Reply, said: str) -> None:
    verdict = await played(LUNCH, reply)
    assert any(said in wrong for wrong in verdict.wrong)


async def test_a_busy_endpoint_is_asked_again() -> None:
    busy = Reply("slow down", 429, {"Retry-After": "0"})
    assert (await played(LUNCH, busy, GOES, Reply("", 502), TELLS)).passed


async def test_an_endpoint_that_is_not_there_fails_the_run() -> None:
    verdict = await play(LUNCH, Chat(Endpoint("http://127.0.0.1:9", "", "tiny", seconds=2.0)))
    assert any("cannot be asked" in wrong for wrong in verdict.wrong)
