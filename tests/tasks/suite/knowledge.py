"""Tasks that look things up: codes, feeds, and what only a raw request returns."""

from __future__ import annotations

from tests.tasks.ending import Ending
from tests.tasks.stage import Stage
from tests.tasks.suite.state import at_home
from tests.tasks.task import Script, Task, only_says, use

# -- an error


def _explains_it(end: Ending) -> None:
    """Nothing changed. The code was looked up. The answer contains the meaning of the code and a remedy."""
    end.nothing_changed()
    looked_up = [step.arguments for step in end.steps if step.tool == "explain_error" and step.ended == "ok"]
    end.expect(
        any("INVALID_OBJECT_STATE" in str(arguments).upper() for arguments in looked_up),
        "it did not look this code up",
    )
    end.says(
        "(wrong|invalid|not .{0,30}right|not .{0,30}valid|unsuitable) state"
        "|state .{0,60}(not|n't|no longer) .{0,30}allow",
        "call",
        "(read|look|check|see|refresh|view|get)[^.]* (call|dialog)|(allowed|listed|available|offered) (action|button)"
        "|action[^.]* (allow|list|lists|listed|available|offer)",
    )


def _looks_it_up() -> Script:
    found = yield use("explain_error", code="CF_INVALID_OBJECT_STATE")
    meaning = found.data["meanings"][0]
    return f"{meaning['meaning']} {meaning['what_to_do']}"


def _explains_another_code() -> Script:
    yield use("explain_error", code="CF_INVALID_PARAMETER")
    return "The call is in the wrong state for the action. Look at the call and use an action that it lists."


# -- the feed of a team


async def ben_comes_back(stage: Stage) -> None:
    """The supervisor is at work; Ben is not ready, and becomes ready soon after somebody looks at the team."""
    await stage.signed_in("NOT_READY", reason="25")
    await stage.signed_in("NOT_READY", "1002", reason="24")
    await stage.known()

    def received() -> bool:
        return any(feed.slug == "team:310" and feed.subscribed for feed in stage.session.feeds())

    stage.once(
        received, lambda: stage.later(0.3, lambda: stage.center.colleague("1002").change_state("READY"))
    )


def _saw_ben_on_the_team_feed(end: Ending) -> None:
    """The feed of the team was subscribed and reported Ben. Nothing changed."""
    seen = [
        entry for entry in end.journal if entry.feed == "team:310" and entry.payload and entry.payload.user
    ]
    end.expect(any(entry.payload.user.id == "1002" for entry in seen), "the team feed told nothing of Ben")
    end.expect(not end.writes(), "something was changed")
    end.says("ben|1002", "ready")


def _watches_the_team() -> Script:
    yield use("list_feeds")
    status = yield use("get_session_status")
    yield use("subscribe_feed", feed="team:310")
    yield use(
        "wait_for_notification",
        feed="team:310",
        object_id="1002",
        field="state",
        value="READY",
        after=status.data["cursor"],
        timeout=10,
    )
    return "Ben (1002) is ready now."


# -- a raw request


def _knows_both_nodes(end: Ending) -> None:
    """SystemInfo was read with a raw request. Nothing changed."""
    end.expect(not end.writes(), "something was changed")
    end.expect(
        any(request.path.endswith("/SystemInfo") for request in end.requests), "SystemInfo was not asked for"
    )
    end.says("localhost", "UCCE|Enterprise")


def _asks_system_info() -> Script:
    answer = yield use("send_request", method="GET", path="SystemInfo")
    assert answer.data["status"] == 200
    return "SystemInfo says that the primary node is localhost, and that the deployment is UCCE."


TASKS = (
    Task(
        "explain-error",
        "My desktop has shown CF_INVALID_OBJECT_STATE. What does that mean, and what can I do?",
        at_home,
        _explains_it,
        _looks_it_up,
        _explains_another_code,
    ),
    Task(
        "team-feed",
        "Watch my team (310) and tell me as soon as Ben is ready again.",
        ben_comes_back,
        _saw_ben_on_the_team_feed,
        _watches_the_team,
        only_says("Ben (1002) is ready now."),
        agent="1000",
        budget=12,
    ),
    Task(
        "free-request",
        "Ask Finesse's REST API for SystemInfo: what is the host of the primary node, and what kind of deployment?",
        at_home,
        _knows_both_nodes,
        _asks_system_info,
        only_says("The primary node is localhost, a UCCE."),
        toolsets=("developer",),
    ),
)
