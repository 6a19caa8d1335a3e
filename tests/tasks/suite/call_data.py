"""Tasks about what is written on a call: in any script, within its limits, and with the labels there are."""

from __future__ import annotations

from tests.tasks.ending import Ending
from tests.tasks.stage import Stage
from tests.tasks.task import Script, Task, only_says, use

ANN = "3125550142"
NOTE = "Grüße an Zoë, 東京"
LONG = "Customer wants the blue sofa delivered on Friday before noon"


async def talking(stage: Stage) -> None:
    """The agent talks with a customer who has an order."""
    await stage.talking("call", ANN, **{"callVariable1": "Ann Lee", "user.orderId": "A-1007"})
    await stage.known()


async def wrapping_up(stage: Stage) -> None:
    """The customer has hung up, and the agent has to say what it was about."""
    await talking(stage)
    stage.center.customers.hang_up(stage.marks["call"])
    await stage.until(lambda: stage.center.state.agents["1001"].state == "WORK_READY")
    await stage.known()


# -- letters of any script


def _note_is_written(end: Ending) -> None:
    """The call variable has exactly this text. Other call data are unchanged."""
    end.expect(end.variables("call").get("callVariable2") == NOTE, "the note is not there")
    end.expect(end.variables("call").get("user.orderId") == "A-1007", "other data was changed")
    end.says("callVariable ?2|note")


def _writes_it() -> Script:
    yield use("update_call_data", call_variables={"callVariable2": NOTE})
    return f"callVariable2 of the call is now: {NOTE}"


def _writes_plain_letters() -> Script:
    yield use("update_call_data", call_variables={"callVariable2": "Gruesse an Zoe, Tokyo"})
    return f"callVariable2 of the call is now: {NOTE}"


# -- too much for a call variable


def _says_that_it_is_too_long(end: Ending) -> None:
    """Nothing was written. The answer says that the text is too long."""
    end.expect(end.dialog("call"), "the call is over")
    written = end.variables("call").get("callVariable4", "")
    end.expect(written == "", f"callVariable4 is {written!r}")
    end.says("too long|40|does not fit|doesn't fit|limit|longer|exceeds")


def _finds_it_too_long() -> Script:
    tried = yield use("update_call_data", call_variables={"callVariable4": LONG})
    assert tried.is_error
    return "It was not written: it is too long, a call variable holds 40 bytes. Shall I shorten it?"


def _cuts_it() -> Script:
    yield use("update_call_data", call_variables={"callVariable4": LONG[:40]})
    return "It was too long, so I wrote the first 40 letters."


# -- a label that does not exist


def _is_wrapped_up(end: Ending) -> None:
    """The call has the existing wrap-up reason that matches."""
    end.expect(end.dialog("call").get("wrapUpReason") == "Billing question", "it is not wrapped up so")
    end.says("billing question")


def _looks_up_the_label() -> Script:
    tried = yield use("wrap_up_call", reason="billing")
    if tried.is_error:
        codes = yield use("get_codes", kind="WRAP_UP")
        label = next(label for label in codes.data["wrap_up"] if "Billing" in label)
        yield use("wrap_up_call", reason=label)
    return "The call is wrapped up as Billing question."


def _takes_the_first_label() -> Script:
    yield use("wrap_up_call", reason="Sale")
    return "The call is wrapped up as Billing question."


# -- what is it about


def _tells_the_order(end: Ending) -> None:
    """Nothing changed. The answer names the caller and the order."""
    end.nothing_changed()
    end.says("A-1007", "Ann Lee|3125550142")


def _reads_it() -> Script:
    calls = yield use("get_dialogs")
    data = calls.data["dialogs"][0]["caller_supplied"]["call_variables"]
    return f"{data['callVariable1']} calls about order {data['user.orderId']}."


TASKS = (
    Task(
        "note-in-any-script",
        f"Put this into callVariable2 of my call, letter by letter: {NOTE}",
        talking,
        _note_is_written,
        _writes_it,
        _writes_plain_letters,
    ),
    Task(
        "note-too-long",
        f"Write into callVariable4, word for word or not at all: {LONG}",
        talking,
        _says_that_it_is_too_long,
        _finds_it_too_long,
        _cuts_it,
    ),
    Task(
        "wrap-up-label",
        "Wrap up this call, it was about billing.",
        wrapping_up,
        _is_wrapped_up,
        _looks_up_the_label,
        _takes_the_first_label,
    ),
    Task(
        "what-is-it-about",
        "Whom am I talking to, and about which order?",
        talking,
        _tells_the_order,
        _reads_it,
        only_says("You are talking to a customer."),
    ),
)
