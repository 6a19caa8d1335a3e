"""Tasks of task routing: chats and e-mails that are offered, worked on, and handed on."""

from __future__ import annotations

from tests.tasks.ending import Ending
from tests.tasks.stage import Stage
from tests.tasks.task import Script, Task, use

CHAT = "5001"
ADA = "1001"


async def on_chat(stage: Stage) -> None:
    """The agent is ready for chats."""
    await stage.signed_in("NOT_READY")
    stage.me.sign_in_to_media(CHAT)
    await stage.until(lambda: stage.center.truth()["media"][ADA][CHAT]["state"] == "NOT_READY")
    stage.me.change_media(CHAT, state="READY")
    await stage.until(lambda: stage.center.truth()["media"][ADA][CHAT]["state"] == "READY")
    await stage.known()


async def offered(stage: Stage) -> None:
    """A chat is offered."""
    await on_chat(stage)
    task = stage.center.customers.send_task(
        CHAT, {"callVariable1": "order 7731", "callVariable2": "Zoë"}, ADA
    )
    stage.marks["task"] = task.id
    await stage.until(lambda: task.id in stage.session.mirror.tasks)


async def chatting(stage: Stage) -> None:
    """The agent works on a chat."""
    await offered(stage)
    task = stage.marks["task"]
    for action, becomes in (("ACCEPT", "ACCEPTED"), ("START", "ACTIVE")):
        stage.me.act_on_task(action, task)
        await is_seen(stage, becomes)


async def is_seen(stage: Stage, state: str) -> None:
    """Wait until the session knows the chat in this state."""
    await stage.until(lambda: stage.session.mirror.tasks[stage.marks["task"]].state == state)


def state_of(end: Ending) -> str:
    """The state of the chat, or that it is not the agent's any more."""
    task = end.truth["tasks"].get(end.marks["task"], {})
    return str(task.get("state", "gone")) if task.get("agent") == ADA else "gone"


# -- take it


def _is_worked_on(end: Ending) -> None:
    """The chat was accepted and started. The answer names the order."""
    end.expect(state_of(end) == "ACTIVE", f"the chat is {state_of(end)}")
    end.says("7731")


def _accepts_and_starts() -> Script:
    tasks = yield use("get_tasks")
    order = tasks.data["tasks"][0]["caller_supplied"]["call_variables"]["callVariable1"]
    yield use("accept_task")
    yield use("work_on_task", action="START")
    return f"You have the chat, it is about {order}."


def _only_accepts() -> Script:
    yield use("accept_task")
    return "You have the chat, it is about order 7731."


# -- a pause


def _is_paused_without_more(end: Ending) -> None:
    """The chat is paused, not closed, and no further chats are offered."""
    end.expect(state_of(end) == "PAUSED", f"the chat is {state_of(end)}")
    media = end.truth["media"][ADA][CHAT]
    end.expect(not media["routable"] or media["state"] == "NOT_READY", "new chats may still come")
    end.says("paus", "no (new|more|further)|not routable|stop|won't|not ready")


def _pauses() -> Script:
    yield use("work_on_task", action="PAUSE")
    yield use("change_media_state", media="chat", state="NOT_ROUTABLE")
    return "The chat is paused, and no new ones come (not routable)."


def _closes_it() -> Script:
    yield use("close_task")
    yield use("change_media_state", media="chat", state="NOT_ROUTABLE")
    return "The chat is paused, and no new ones come (not routable)."


# -- hand it on


def _others_have_it(end: Ending) -> None:
    """The chat was transferred to the script selector chat.service, not closed."""
    end.expect(state_of(end) == "gone", f"the chat is {state_of(end)}")
    end.sent("chat.service", 1)
    end.sent("CLOSE", 0)
    end.says("transfer|handed|service|passed|sent")


def _hands_it_on() -> Script:
    yield use("transfer_task", to_address="chat.service")
    return "The chat is transferred to chat.service."


TASKS = (
    Task(
        "take-the-chat",
        "There's a chat for me. Take it, start on it and tell me what it is about.",
        offered,
        _is_worked_on,
        _accepts_and_starts,
        _only_accepts,
        toolsets=("agent", "tasks"),
    ),
    Task(
        "pause-the-chat",
        "Pause my chat, I have to look something up, and make sure that no further chats arrive meanwhile.",
        chatting,
        _is_paused_without_more,
        _pauses,
        _closes_it,
        toolsets=("agent", "tasks"),
    ),
    Task(
        "hand-on-the-chat",
        "This chat isn't for me. Hand it on to the script selector chat.service.",
        chatting,
        _others_have_it,
        _hands_it_on,
        _closes_it,
        toolsets=("agent", "tasks"),
    ),
)
