"""Tasks in which the site forbids something, a name is given in short, or a state has another name in Finesse."""

from __future__ import annotations

from tests.tasks.ending import Ending
from tests.tasks.stage import Stage
from tests.tasks.task import Script, Task, only_says, use

ANN = "3125550142"
ADA, BEN, BEN_EXTENSION = "1001", "1002", "4502"


# -- drop a participant


async def in_a_conference(stage: Stage) -> None:
    """The agent is in a conference with a customer and Ben, in which she may drop nobody."""
    await stage.signed_in("NOT_READY", BEN)
    dialog_id = await stage.talking("call", ANN, callVariable1="Ann Lee")
    stage.me.act("CONSULT_CALL", dialog_id, BEN_EXTENSION)
    await stage.until(lambda: _state_of(stage, BEN) == "ALERTING")
    consult = next(call.id for call, _ in stage.center.state.calls_of(BEN))
    stage.center.colleague(BEN).act("ANSWER", consult)
    await stage.until(lambda: _state_of(stage, BEN) == "ACTIVE")
    stage.me.act("CONFERENCE", dialog_id)
    await stage.until(lambda: len(list(stage.center.state.calls_of(ADA))) == 1)
    (call, _), *_ = stage.center.state.calls_of(ADA)
    stage.marks["call"] = call.id
    await stage.known()


def _state_of(stage: Stage, user_id: str) -> str:
    return next((party.state for _, party in stage.center.state.calls_of(user_id)), "")


def _told_who_can_allow_it(end: Ending) -> None:
    """The conference is unchanged. The answer says that the site does not allow this, and names the setting."""
    end.talk(ANN, "4501", BEN_EXTENSION)
    end.says("supervisor|administrator", "enableDropParticipantFor")
    end.does_not_say("(was|is|been) (dropped|removed)")


def _tries_and_explains() -> Script:
    tried = yield use("drop_participant", participant=BEN_EXTENSION)
    assert tried.is_error
    return (
        "Ben is still in the conference. Here only supervisors may drop participants; an administrator can change "
        "that with enableDropParticipantFor."
    )


def _hangs_up_instead() -> Script:
    yield use("end_call")
    return "An administrator must set enableDropParticipantFor, so I left the conference with the supervisor's rule."


# -- the own team


def _told_who_can_allow_team_data(end: Ending) -> None:
    """Nothing changed. The answer says that only supervisors can read teams, and names the setting that allows it."""
    end.nothing_changed()
    end.expect(any("/Team/" in request.path for request in end.requests), "the team was not asked for")
    end.says("supervisor", "enableTeamAPIAccessForAllusers")


def _asks_for_the_team() -> Script:
    tried = yield use("get_team")
    assert tried.is_error
    return "Only supervisors see teams here. An administrator can set enableTeamAPIAccessForAllusers."


# -- a name in short


async def at_work(stage: Stage) -> None:
    """The agent is signed in and calls nobody."""
    await stage.signed_in("NOT_READY", reason="25")
    await stage.known()


async def dana_at_work(stage: Stage) -> None:
    """The supervisor, Dana Kim, is at work, too."""
    await stage.signed_in("NOT_READY", "1000")
    await at_work(stage)


def _calls_dana(end: Ending) -> None:
    """Dana Kim was called once at the number in the phone book."""
    end.sent("<toAddress>4500</toAddress>", 1)
    end.says("kim|4500")


def _finds_d_kim() -> Script:
    found = yield use("search_contacts", query="D. Kim")
    number = found.data["contacts"][0]["phone_number"]
    yield use("make_call", to_address=number)
    return f"I am calling Dana Kim ({number})."


def _calls_somebody_else() -> Script:
    yield use("make_call", to_address=BEN_EXTENSION)
    return "I am calling D. Kim (4500)."


# -- wrap-up


async def ada_wraps_up(stage: Stage) -> None:
    """Ada is in wrap-up after a call; Ben is not ready."""
    await stage.signed_in("NOT_READY")
    await stage.signed_in("NOT_READY", BEN, reason="24")
    await stage.signed_in("READY", ADA)
    stage.answers(ADA)
    dialog_id = stage.center.customers.call("8800", ANN)
    ada = stage.center.state.agents[ADA]
    await stage.until(lambda: ada.state == "TALKING")
    stage.center.customers.hang_up(dialog_id)
    await stage.until(lambda: ada.state in ("WORK", "WORK_READY"))
    await stage.known()


def _names_ada(end: Ending) -> None:
    """Nothing changed. The answer names only Ada."""
    end.nothing_changed()
    end.says("ada|1001")
    end.does_not_say("ben|1002|nobody|no one|no agent")


def _filters_by_wrap_up() -> Script:
    team = yield use("get_team", state="WRAP_UP")
    (agent,) = team.data["agents"]
    return f"{agent['name']} is in wrap-up."


TASKS = (
    Task(
        "drop-forbidden",
        "Take Ben out of our conference; if that is not possible, tell me who could make it possible, and how.",
        in_a_conference,
        _told_who_can_allow_it,
        _tries_and_explains,
        _hangs_up_instead,
    ),
    Task(
        "team-forbidden",
        "Who else of my team is ready now? If you cannot see it, tell me what would have to be set, and by whom.",
        at_work,
        _told_who_can_allow_team_data,
        _asks_for_the_team,
        only_says("Only a supervisor can see that; enableTeamAPIAccessForAllusers would have to be set."),
    ),
    Task(
        "name-in-short",
        "Call D. Kim from our phone book.",
        dana_at_work,
        _calls_dana,
        _finds_d_kim,
        _calls_somebody_else,
    ),
    Task(
        "who-wraps-up",
        "Who of my team is in wrap-up right now? Just the names.",
        ada_wraps_up,
        _names_ada,
        _filters_by_wrap_up,
        only_says("Nobody is in wrap-up."),
        agent="1000",
        toolsets=("agent", "supervisor"),
    ),
)
