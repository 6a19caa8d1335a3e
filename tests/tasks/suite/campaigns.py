"""Tasks of an agent of outbound campaigns: previews, and callbacks."""

from __future__ import annotations

from tests.tasks.ending import Ending
from tests.tasks.stage import Stage
from tests.tasks.task import Script, Task, use

CLEO, CLEO_EXTENSION = "1003", "4503"
ZOE = "2125550100"
LATER = "2050-05-01T12:00"


async def proposed(stage: Stage) -> None:
    """A campaign proposes a customer, who picks up when called."""
    await stage.signed_in()
    preview = stage.center.customers.offer_record("Renewals", CLEO, ZOE, name="Zoë Smith")
    stage.marks["preview"] = preview
    await stage.until(lambda: preview in stage.session.mirror.dialogs)


async def with_zoe(stage: Stage) -> None:
    """The customer of a campaign has been called and has picked up."""
    await proposed(stage)
    stage.me.act("ACCEPT", stage.marks["preview"])
    cleo = stage.center.state.agents[CLEO]
    await stage.until(lambda: cleo.state == "TALKING")
    ((call, _),) = stage.center.state.live_calls_of(CLEO)
    stage.marks["call"] = call.id
    await stage.until(lambda: {party.state for party in call.live_parties} == {"ACTIVE"})
    await stage.known()


# -- take it


def _zoe_is_called(end: Ending) -> None:
    """The preview was accepted, and nothing else was done."""
    end.sent("ACCEPT", 1)
    end.expect(len(end.writes()) == 1, "more was sent than the acceptance")
    record = end.truth["records"][end.marks["preview"]]["status"]
    end.expect(record in ("ACCEPTED", "DIALING", "REACHED"), f"the record is {record}")
    end.says("Zo. Smith|2125550100")


def _accepts() -> Script:
    calls = yield use("get_dialogs")
    name = calls.data["dialogs"][0]["caller_supplied"]["call_variables"]["BABuddyName"]
    yield use("answer_preview", answer="ACCEPT")
    return f"It is {name} ({ZOE}), who is being called now."


def _dials_beside_it() -> Script:
    yield use("answer_preview", answer="CLOSE")
    yield use("make_call", to_address=ZOE)
    return f"It is Zoë Smith ({ZOE}), who is being called now."


# -- not now


def _is_put_off(end: Ending) -> None:
    """The preview was rejected, not closed."""
    record = end.truth["records"][end.marks["preview"]]["status"]
    end.expect(record == "REJECTED", f"the record is {record}")
    end.says("reject|later|another|not now|again|put (off|back)|declin|skip")


def _rejects() -> Script:
    yield use("answer_preview", answer="REJECT")
    return "I have rejected it for now; she will be proposed again later."


def _closes() -> Script:
    yield use("answer_preview", answer="CLOSE")
    return "I have rejected it for now; she will be proposed again later."


# -- call back


def _callback_is_agreed(end: Ending) -> None:
    """The callback is stored with the campaign. The call continues."""
    callback = end.dialog("call").get("callback", {})
    end.expect(callback.get("callbackTime", "").startswith(LATER), f"the callback is {callback}")
    end.talk(ZOE, CLEO_EXTENSION)
    end.says("2050|may", "12|noon")


def _schedules() -> Script:
    yield use("schedule_callback", time="2050-05-01 12:00")
    return "She will be called back on 1 May 2050 at 12:00 her time."


def _writes_a_note() -> Script:
    yield use("update_call_data", call_variables={"callVariable1": "call back 2050-05-01 12:00"})
    return "She will be called back on 1 May 2050 at 12:00 her time."


TASKS = (
    Task(
        "preview-accepted",
        "Whom does the campaign want me to call? Let's call her.",
        proposed,
        _zoe_is_called,
        _accepts,
        _dials_beside_it,
        agent=CLEO,
        toolsets=("agent", "outbound"),
    ),
    Task(
        "preview-put-off",
        "I can't take this customer of the campaign just now; somebody may try her later.",
        proposed,
        _is_put_off,
        _rejects,
        _closes,
        agent=CLEO,
        toolsets=("agent", "outbound"),
    ),
    Task(
        "callback",
        "She wants to be called back on 1 May 2050 at noon. Note that with the campaign; we go on talking.",
        with_zoe,
        _callback_is_agreed,
        _schedules,
        _writes_a_note,
        agent=CLEO,
        toolsets=("agent", "outbound"),
    ),
)
