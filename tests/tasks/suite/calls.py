"""Tasks about calls as they come and go: wait, answer, call out, touch tones, and which call is meant."""

from __future__ import annotations

from tests.tasks.ending import Ending
from tests.tasks.stage import QUEUE, Stage
from tests.tasks.task import Say, Script, Task, only_says, use

ANN, BOB = "3125550142", "2065550177"


# -- wait for a call


async def somebody_will_call(stage: Stage) -> None:
    """The agent is ready; in a moment a customer calls."""
    await stage.signed_in()
    await stage.known()
    order = {"callVariable1": "M. Sørensen", "user.orderId": "B-2290"}
    stage.later(0.5, lambda: stage.center.customers.call(QUEUE, BOB, order))


def _talks_with_the_caller(end: Ending) -> None:
    """The new call is answered. The answer names the caller and the order."""
    end.talk(BOB, "4501")
    end.is_in_state("TALKING")
    end.says("S.rensen", "B-2290")


def _waits_and_answers() -> Script:
    status = yield use("get_session_status")
    yield use(
        "wait_for_notification",
        kind="dialog",
        field="state",
        value="ALERTING",
        after=status.data["cursor"],
        timeout=10,
    )
    answered = yield use("answer_call")
    data = answered.data["dialog"]["caller_supplied"]["call_variables"]
    return f"I have answered: it is {data['callVariable1']}, order {data['user.orderId']}."


def _does_not_wait() -> Script:
    calls = yield use("get_dialogs")
    return f"There is no call ({len(calls.data['dialogs'])} dialogs)."


# -- which call is meant


async def two_calls(stage: Stage) -> None:
    """One customer is on hold, the agent talks with the other."""
    await stage.talking("held", ANN, callVariable1="Ann Lee")
    await stage.called("active", BOB)
    await stage.known()


def _only_the_held_call_is_over(end: Ending) -> None:
    """The assistant asked which call to end. The held call has ended, and the other call continues."""
    end.asked()
    end.expect(not end.dialog("held"), "the customer on hold is still there")
    end.expect(end.states("active").get(BOB) == "ACTIVE", "the other customer was lost")
    end.sent("<requestedAction>DROP<", 1)
    end.says("hung up|ended|over|dropped|disconnected")


def _asks_which() -> Script:
    calls = yield use("get_dialogs")
    reply = yield Say("Which of the two do you mean: Ann Lee, who is on hold, or the one you talk with?")
    assert "Ann" in reply.text
    held = next(call for call in calls.data["dialogs"] if call["my_state"] == "HELD")
    yield use("end_call", dialog_id=held["id"])
    return f"I have ended the call with Ann Lee; you go on talking with {BOB}."


def _guesses() -> Script:
    calls = yield use("get_dialogs")
    active = next(call for call in calls.data["dialogs"] if call["my_state"] == "ACTIVE")
    yield use("end_call", dialog_id=active["id"])
    yield Say("I have hung up.")
    return "The call is over."


# -- back to who waits


def _is_back_with_ann(end: Ending) -> None:
    """The held call is active again, the other call is held, and neither call has ended."""
    end.expect(end.states("held").get("4501") == "ACTIVE", "Ann is not back")
    end.expect(end.states("active").get("4501") == "HELD", "the other call is not on hold")
    end.sent("<requestedAction>DROP<", 0)
    end.says("ann|3125550142")


def _swaps() -> Script:
    yield use("hold_call")
    calls = yield use("get_dialogs")
    ann = next(call for call in calls.data["dialogs"] if call["caller_supplied"]["from_address"] == ANN)
    yield use("retrieve_call", dialog_id=ann["id"])
    return f"You talk with Ann Lee ({ANN}) again; the other call is on hold."


def _only_holds() -> Script:
    yield use("hold_call")
    return f"You talk with Ann Lee ({ANN}) again."


# -- a menu by touch tones


async def in_a_menu(stage: Stage) -> None:
    """The agent has called a bank, whose menu waits for digits."""
    await stage.signed_in("NOT_READY", reason="25")
    await stage.called("bank", BOB)
    await stage.known()


def _typed(end: Ending) -> None:
    """The tones were sent once. The answer does not claim that the bank received the tones."""
    end.sent("SEND_DTMF", 1)
    end.sent("4711#", 1)
    end.talk(BOB, "4501")
    end.says("4711", "not|n't|never|whether|unreported|unconfirmed")
    end.does_not_say("the bank (has )?confirmed", "^yes")


def _types() -> Script:
    sent = yield use("send_dtmf", digits="4711#")
    return f"I have sent 4711#. Finesse never reports whether tones were heard ({sent.data['status']})."


def _claims_too_much() -> Script:
    yield use("send_dtmf", digits="4711")
    return "I have sent 4711#, and the bank has confirmed it."


# -- call out


async def at_work(stage: Stage) -> None:
    """The agent is signed in, in a training, and calls nobody."""
    await stage.signed_in("NOT_READY", reason="25")
    await stage.known()


def _calls_the_supplier(end: Ending) -> None:
    """The number that ends in 0103 was called once."""
    end.talk("4501", "2125550103")
    end.sent("2125550103", 1)
    end.says("Zo.|arcy|2125550103")


def _looks_up_and_calls() -> Script:
    found = yield use("search_contacts", query="0103")
    supplier = found.data["contacts"][0]
    yield use("make_call", to_address=supplier["phone_number"])
    return f"I am calling {supplier['name']} ({supplier['phone_number']}); it rings there."


def _calls_the_front_desk() -> Script:
    yield use("make_call", to_address="2125550100")
    return "I am calling 2125550103."


# -- who was it


async def after_a_call(stage: Stage) -> None:
    """A customer has called and hung up; the agent has wrapped up and is ready again."""
    dialog_id = await stage.talking("gone", BOB, **{"callVariable1": "M. Sørensen", "user.orderId": "C-3141"})
    stage.center.customers.hang_up(dialog_id)
    await stage.until(lambda: stage.center.state.agents["1001"].state == "WORK_READY")
    stage.me.change_state("READY")
    await stage.until(lambda: stage.center.state.agents["1001"].state == "READY")
    await stage.known()


def _knows_who_it_was(end: Ending) -> None:
    """Nothing changed. The answer comes from the notifications, because the call has ended."""
    end.nothing_changed()
    end.says("S.rensen|206.?555.?0177", "C-3141")


def _reads_what_happened() -> Script:
    page = yield use("get_notifications", feed="dialogs", limit=10)
    gone = page.data["notifications"][-1]
    data = (gone.get("dialog") or gone["dialogs"][0])["caller_supplied"]
    variables = data["call_variables"]
    return f"{variables['callVariable1']} ({data['from_address']}), order {variables['user.orderId']}."


TASKS = (
    Task(
        "wait-for-call",
        "I'm ready. When the next call comes, answer it and tell me who it is and which order it is about.",
        somebody_will_call,
        _talks_with_the_caller,
        _waits_and_answers,
        _does_not_wait,
        budget=12,
    ),
    Task(
        "which-call",
        "One of my two customers has all she needs now. Hang up on her and leave me the other one.",
        two_calls,
        _only_the_held_call_is_over,
        _asks_which,
        _guesses,
        replies=("Ann Lee, the one on hold.",),
    ),
    Task(
        "back-to-ann",
        "Let me talk to Ann Lee again. The other one can wait on hold meanwhile.",
        two_calls,
        _is_back_with_ann,
        _swaps,
        _only_holds,
    ),
    Task(
        "touch-tones",
        "The bank's menu wants my number and a hash: 4711#. Did they get it?",
        in_a_menu,
        _typed,
        _types,
        _claims_too_much,
    ),
    Task(
        "call-supplier",
        "Call that supplier in our phone book whose number ends in 0103.",
        at_work,
        _calls_the_supplier,
        _looks_up_and_calls,
        _calls_the_front_desk,
    ),
    Task(
        "who-was-it",
        "Who was that last caller, and what was the order number? The call is already gone from my screen.",
        after_a_call,
        _knows_who_it_was,
        _reads_what_happened,
        only_says("I cannot tell: there is no call now."),
    ),
)
