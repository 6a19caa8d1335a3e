"""Tasks about the agent's own state: the day's beginning and end, breaks, and why one is not where one was."""

from __future__ import annotations

from mcp_finesse.simulator.world.agents import TargetState
from mcp_finesse.simulator.world.world import CONNECTION_FAILURE
from tests.tasks.ending import Ending
from tests.tasks.stage import Stage
from tests.tasks.task import Script, Task, only_says, use


async def at_home(stage: Stage) -> None:
    """The agent is signed out."""


async def ready(stage: Stage) -> None:
    """The agent is READY, without a call."""
    await stage.signed_in()
    await stage.known()


# -- the day begins


def _is_ready(end: Ending) -> None:
    """The agent is signed in at extension 4501 and READY."""
    end.is_in_state("READY")
    end.expect(end.user()["extension"] == "4501", "the agent is at another phone")
    end.says("ready")


def _begins() -> Script:
    yield use("sign_in", extension="4501")
    yield use("change_state", state="READY")
    return "You are signed in at extension 4501 and ready for calls."


def _only_signs_in() -> Script:
    yield use("sign_in", extension="4501")
    return "You are signed in at extension 4501 and ready for calls."


# -- a break


def _is_at_lunch(end: Ending) -> None:
    """The agent is NOT_READY with the reason Lunch."""
    end.is_in_state("NOT_READY", 41)
    end.says("lunch|41")


def _goes_to_lunch() -> Script:
    codes = yield use("get_codes", kind="NOT_READY")
    lunch = next(code for code in codes.data["not_ready"] if "Lunch" in code["label"])
    yield use("change_state", state="NOT_READY", reason=lunch["label"])
    return "You are not ready now, reason Lunch."


def _takes_another_reason() -> Script:
    yield use("change_state", state="NOT_READY", reason="Meeting")
    return "You are not ready now, reason Lunch."


# -- the day ends


def _is_out(end: Ending) -> None:
    """The agent is signed out with End of shift, after NOT_READY, which UCCE requires."""
    end.is_in_state("LOGOUT", 51)
    end.says("signed out|logged out")


def _ends() -> Script:
    tried = yield use("sign_out", reason="End of shift")
    if tried.data.get("status") == "failed":
        yield use("change_state", state="NOT_READY", reason="Meeting")
        yield use("sign_out", reason="End of shift")
    return "You are signed out, reason End of shift."


def _gives_up() -> Script:
    yield use("sign_out", reason="End of shift")
    return "You are signed out, reason End of shift."


# -- why


async def forced_out(stage: Stage) -> None:
    """The connection of the agent's desktop was lost for too long, and CCX has signed the agent out."""
    await ready(stage)
    lost = stage.center.state.codes.system("LOGOUT", CONNECTION_FAILURE)
    stage.center.state.agents["1001"].force(TargetState.with_reason("LOGOUT", lost))
    stage.center.announce()
    await stage.known()


def _tells_of_the_connection(end: Ending) -> None:
    """Nothing changed. The answer names the lost connection (255)."""
    end.nothing_changed()
    end.says("255|system failure|connection", "connection|presence|desktop|browser|network|disconnect|lost")


def _asks_what_255_is() -> Script:
    me = yield use("get_user")
    reason = me.data["user"]["reason"]
    yield use("explain_error", code=reason["code"])
    return (
        f"The system signed you out, not a person: reason {reason['code']} ({reason['label']}), which means that "
        "the connection between your desktop and Finesse was lost for too long."
    )


def _signs_in_again() -> Script:
    yield use("sign_in", extension="4501")
    return "The connection was lost (255). I have signed you in again."


async def in_a_meeting(stage: Stage) -> None:
    """The agent has not come back from a meeting."""
    await stage.signed_in("NOT_READY", reason="24")
    await stage.known()


def _tells_the_meeting(end: Ending) -> None:
    """Nothing changed. The answer says that the agent is NOT_READY for a meeting."""
    end.nothing_changed()
    end.says("meeting|42", "not ready")


def _looks_why_not_ready() -> Script:
    me = yield use("get_user")
    return (
        f"You get no calls because you are not ready, with the reason {me.data['user']['reason']['label']}."
    )


TASKS = (
    Task(
        "day-begins",
        "Good morning! Sign me in at 4501, please, and then I want to take calls.",
        at_home,
        _is_ready,
        _begins,
        _only_signs_in,
    ),
    Task("lunch", "I'm off to lunch now.", ready, _is_at_lunch, _goes_to_lunch, _takes_another_reason),
    Task(
        "day-ends",
        "That's it for today, my shift is over. Sign me out.",
        ready,
        _is_out,
        _ends,
        _gives_up,
    ),
    Task(
        "why-signed-out",
        "Why was I signed out? I didn't do anything. Don't change anything, just tell me.",
        forced_out,
        _tells_of_the_connection,
        _asks_what_255_is,
        _signs_in_again,
        platform="UCCX",
    ),
    Task(
        "why-no-calls",
        "Why do I get no calls? Just tell me.",
        in_a_meeting,
        _tells_the_meeting,
        _looks_why_not_ready,
        only_says("There are no customers waiting at the moment, you are ready."),
    ),
)
