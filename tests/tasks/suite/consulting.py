"""Tasks in which somebody else is asked, or takes over: consult, transfer, conference."""

from __future__ import annotations

from tests.tasks.ending import Ending
from tests.tasks.stage import Stage
from tests.tasks.task import Answer, Script, Task, Use, only_says, use

ANN = "3125550142"
BEN, BEN_EXTENSION = "1002", "4502"
DANA, DANA_EXTENSION = "1000", "4500"


async def with_ben_near(stage: Stage) -> None:
    """The agent talks with a customer; Ben is at his desk and picks up."""
    await stage.signed_in("NOT_READY", BEN)
    await stage.talking("call", ANN, callVariable1="Ann Lee")
    stage.answers(BEN)
    await stage.known()


async def with_dana_near(stage: Stage) -> None:
    """The agent talks with a customer; the supervisor is at her desk and picks up."""
    await stage.signed_in("NOT_READY", DANA)
    await stage.talking("call", ANN, callVariable1="Ann Lee")
    stage.answers(DANA)
    await stage.known()


async def talking(stage: Stage) -> None:
    """The agent talks with a customer, and nobody else is there."""
    await stage.talking("call", ANN, callVariable1="Ann Lee")
    await stage.known()


def is_active(consult: Answer, cursor: str) -> Use:
    """Wait until the one who was called has picked up."""
    return use(
        "wait_for_notification",
        kind="dialog",
        object_id=consult.data["dialog"]["id"],
        field="state",
        value="ACTIVE",
        after=cursor,
        timeout=10,
    )


def number_of(contacts: Answer) -> str:
    """The number of the first contact that was found."""
    return str(contacts.data["contacts"][0]["phone_number"])


# -- ask, then hand over


def _ben_has_it(end: Ending) -> None:
    """Ben was found by name and consulted. He talks with the customer alone."""
    end.talk(ANN, BEN_EXTENSION)
    end.sent("CONSULT_CALL", 1)
    end.expect(end.writes("<requestedAction>TRANSFER<"), "there was no transfer")
    end.says("transfer|ben|4502")


def _asks_then_transfers() -> Script:
    calls = yield use("get_dialogs")
    call = next(call for call in calls.data["dialogs"] if call["caller_supplied"]["from_address"] == ANN)
    ben = yield use("search_contacts", query="Ben")
    status = yield use("get_session_status")
    consult = yield use("consult_call", to_address=number_of(ben), dialog_id=call["id"])
    yield is_active(consult, status.data["cursor"])
    yield use("transfer_call")
    return "Ben Ito (4502) answered, and the call is transferred to him."


def _transfers_blind() -> Script:
    yield use("transfer_call", to_address="4502")
    return "The call is transferred to Ben (4502)."


# -- hand over at once


def _front_desk_has_it(end: Ending) -> None:
    """The call was transferred in one step to the number in the phone book."""
    end.expect(end.writes("TRANSFER_SST"), "it was not handed over in one step")
    end.talk(ANN, "2125550100")
    end.says("front desk|2125550100|transfer")


def _hands_over() -> Script:
    desk = yield use("search_contacts", query="front desk")
    yield use("transfer_call", to_address=number_of(desk))
    return "The call was handed to the Front Desk (2125550100)."


# -- all together


def _all_three_talk(end: Ending) -> None:
    """Agent, supervisor and customer are in one conference."""
    end.talk(ANN, "4501", DANA_EXTENSION)
    end.says("conference|together|all three|three of you|joined", "dana|kim|4500")


def _joins() -> Script:
    dana = yield use("search_contacts", query="Dana Kim")
    status = yield use("get_session_status")
    consult = yield use("consult_call", to_address=number_of(dana))
    yield is_active(consult, status.data["cursor"])
    yield use("conference_call")
    return "Dana Kim (4500) has joined: you are in a conference with her and the customer."


def _leaves_them_alone() -> Script:
    dana = yield use("search_contacts", query="Dana Kim")
    status = yield use("get_session_status")
    consult = yield use("consult_call", to_address=number_of(dana))
    yield is_active(consult, status.data["cursor"])
    yield use("transfer_call")
    return "Dana Kim (4500) has joined: you are in a conference with her and the customer."


# -- a line that is busy


def _says_it_was_busy(end: Ending) -> None:
    """The agent talks with the customer again. The answer says that the line was busy."""
    end.expect(end.states("call").get("4501") == "ACTIVE", "the customer was left on hold, or lost")
    end.expect(end.states("call").get(ANN) == "ACTIVE", "the customer was lost")
    end.sent("<requestedAction>TRANSFER", 0)
    end.says("busy|could not|couldn't|not reach|unable|did not|fail")
    end.does_not_say("has been transferred", "is transferred now", "transfer is complete")


def _notices_that_it_is_busy() -> Script:
    fax = yield use("search_contacts", query="fax")
    tried = yield use("consult_call", to_address=number_of(fax))
    assert tried.data["status"] == "failed"
    calls = yield use("get_dialogs")
    waiting = next(call for call in calls.data["dialogs"] if call["my_state"] == "HELD")
    yield use("retrieve_call", dialog_id=waiting["id"])
    return "The fax machine is busy, so it could not be reached. You talk with your customer again."


def _leaves_the_caller_on_hold() -> Script:
    fax = yield use("search_contacts", query="fax")
    yield use("consult_call", to_address=number_of(fax))
    return "The fax machine is busy and could not be reached, so the caller was not connected."


TASKS = (
    Task(
        "ask-then-transfer",
        f"Put the call from {ANN} on hold and ask Ben from our team (find his extension). When he has picked up, "
        "give him the call.",
        with_ben_near,
        _ben_has_it,
        _asks_then_transfers,
        _transfers_blind,
    ),
    Task(
        "hand-over-at-once",
        "Send this caller straight to the front desk, I don't need to talk to them first.",
        talking,
        _front_desk_has_it,
        _hands_over,
        only_says("The call was transferred to the front desk."),
    ),
    Task(
        "all-together",
        "Get my supervisor, Dana Kim, into this call so that the three of us can talk.",
        with_dana_near,
        _all_three_talk,
        _joins,
        _leaves_them_alone,
    ),
    Task(
        "busy-line",
        "Call the fax machine in our phone book beside this call, and connect the caller with it once it answers.",
        talking,
        _says_it_was_busy,
        _notices_that_it_is_busy,
        _leaves_the_caller_on_hold,
        replies=("Yes, get the caller back, please.",),
    ),
)
