"""Tasks that wait for a time, a threshold or a change, and tasks about calls that are over."""

from __future__ import annotations

from tests.tasks.ending import Ending
from tests.tasks.stage import QUEUE, Stage
from tests.tasks.task import Script, Task, only_says, use

ANN, BOB = "3125550142", "2065550177"
WAIT = "wait_for_notification"


def _waits(end: Ending) -> list[dict[str, object]]:
    """Return the arguments of every wait."""
    return [step.arguments for step in end.steps if step.tool == WAIT]


# -- a time


async def talking(stage: Stage) -> None:
    """The agent talks with a customer."""
    await stage.talking("call", ANN, callVariable1="Ann Lee")
    await stage.known()


def _was_held_for_a_while(end: Ending) -> None:
    """The call was held once, and resumed once at least 1.5 s later. The assistant did not poll."""
    end.sent("<requestedAction>HOLD<", 1)
    end.sent("<requestedAction>RETRIEVE<", 1)
    end.expect(end.states("call").get("4501") == "ACTIVE", "the customer is not back")
    held = _seconds_held(end)
    end.expect(held >= 1.5, f"the call was held for {held:.1f} s")
    end.expect(len(_waits(end)) <= 3, "it polled")
    end.says("resum|back|again|talk|off hold|retriev|active")


def _seconds_held(end: Ending) -> float:
    """Return the seconds between the notification that the call is held and the one that it is active again."""
    held = 0.0
    since = None
    for entry in end.journal:
        dialog = getattr(entry.payload, "dialog", None)
        own = dialog.participant("4501") if dialog is not None else None
        if own is None:
            continue
        if own.state == "HELD":
            since = since or entry.received_at
        elif since is not None:
            held, since = held + (entry.received_at - since).total_seconds(), None
    return held


def _holds_for_two_seconds() -> Script:
    yield use("hold_call")
    waited = yield use(WAIT, kind="dialog", field="my_state", value="DROPPED", until="2 seconds")
    assert waited.data["status"] == "time_reached"
    yield use("retrieve_call")
    return "The call was on hold for two seconds; you talk with Ann Lee again."


def _holds_for_no_time() -> Script:
    yield use("hold_call")
    yield use("retrieve_call")
    return "The call was on hold for two seconds; you talk with Ann Lee again."


# -- a threshold that only time reaches


async def a_customer_waits(stage: Stage) -> None:
    """Nobody is ready, and a customer has just begun to wait."""
    await stage.signed_in("NOT_READY")
    await stage.known()
    stage.center.customers.call(QUEUE, ANN)


def _told_in_time(end: Ending) -> None:
    """The answer reports that a customer has waited longer than 2 s. The assistant did not poll."""
    end.expect(not end.writes(), "something was changed")
    end.expect(len(_waits(end)) <= 3, "it polled")
    end.expect(
        any("longest_wait_seconds" in str(arguments) for arguments in _waits(end)), "it did not wait for it"
    )
    end.says("wait", r"\b([2-9]|1\d|two|three|four|more than two|longer than two)\b")


def _waits_for_the_threshold() -> Script:
    found = yield use("get_queues", query="North Sales")
    slug = f"queue:{found.data['queues'][0]['id']}"
    yield use("subscribe_feed", feed=slug)
    waited = yield use(WAIT, feed=slug, field="longest_wait_seconds", value=">2", until="30 seconds")
    queue = waited.data["object"]["queue"]
    return f"A customer in {queue['name']} has been waiting for {queue['longest_wait_seconds']} seconds."


def _says_it_at_once() -> Script:
    yield use("get_queues", query="North Sales")
    return "A customer has been waiting for 3 seconds."


# -- any change


async def sent_to_a_meeting(stage: Stage) -> None:
    """The agent is ready; a moment after the user has spoken, the state changes elsewhere."""
    await stage.signed_in()
    await stage.known()
    stage.later(0.6, lambda: stage.me.change_state("NOT_READY", "24"))


def _told_the_new_state(end: Ending) -> None:
    """Nothing was sent. The answer names the new state and its reason. The assistant did not poll."""
    end.expect(not end.writes(), "something was changed")
    end.expect(len(_waits(end)) in (1, 2, 3), "it did not wait, or polled")
    end.says("not.ready", "meeting|42")


def _waits_for_any_change() -> Script:
    yield use(WAIT, kind="user", field="state", value="changed", timeout=20)
    user = yield use("get_user")
    return f"Your state is now {user.data['user']['state']} ({user.data['user']['reason']['label']})."


# -- calls that are over


async def one_missed_one_taken(stage: Stage) -> None:
    """One customer talked with the agent; another hung up while it rang."""
    taken = await stage.talking("taken", ANN)
    stage.center.customers.hang_up(taken)
    await stage.until(lambda: stage.center.state.agents["1001"].state == "WORK_READY")
    stage.me.change_state("READY")
    await stage.until(lambda: stage.center.state.agents["1001"].state == "READY")
    stage.marks["missed"] = missed = stage.center.customers.call(QUEUE, BOB)
    await stage.until(lambda: missed in {call.id for call, _ in stage.center.state.calls_of("1001")})
    await stage.known()
    stage.center.customers.hang_up(missed)
    await stage.until(lambda: missed not in {call.id for call, _ in stage.center.state.calls_of("1001")})
    await stage.known()


def _knows_the_missed_call(end: Ending) -> None:
    """Nothing changed. The answer names one missed call with its number, and one answered call."""
    end.nothing_changed()
    end.says(r"\b(one|1|a|single)\b", "miss", "206.?555.?0177")
    end.does_not_say("missed (2|two)")


def _reads_the_call_log() -> Script:
    log = yield use("get_call_log")
    missed = [call for call in log.data["calls"] if call["outcome"] == "missed"]
    (number,) = [call["caller_supplied"]["from_address"] for call in missed]
    return f"You missed one call, from {number}. Watched since {log.data['since']}."


def _looks_at_current_calls() -> Script:
    calls = yield use("get_dialogs")
    return f"You missed no call; there are {len(calls.data['dialogs'])} calls."


TASKS = (
    Task(
        "hold-for-a-while",
        "Put Ann on hold, leave her there for two seconds, and then take her back.",
        talking,
        _was_held_for_a_while,
        _holds_for_two_seconds,
        _holds_for_no_time,
    ),
    Task(
        "longest-wait",
        "Tell me as soon as somebody in North.Sales has been waiting for more than two seconds. "
        "Give up after half a minute.",
        a_customer_waits,
        _told_in_time,
        _waits_for_the_threshold,
        _says_it_at_once,
        agent="1000",
        toolsets=("agent", "supervisor"),
    ),
    Task(
        "any-change",
        "Somebody may change my state from elsewhere. Wait until it changes, whatever it becomes, and tell me what.",
        sent_to_a_meeting,
        _told_the_new_state,
        _waits_for_any_change,
        only_says("Your state is NOT_READY (Meeting) now."),
    ),
    Task(
        "missed-calls",
        "How many calls did I miss so far, and from whom?",
        one_missed_one_taken,
        _knows_the_missed_call,
        _reads_the_call_log,
        _looks_at_current_calls,
    ),
)
