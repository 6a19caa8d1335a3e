"""Completions of media, tasks, sign-in and call data: which states prove an action."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from mcp_finesse.model import CallVariable, Dialog, Media, MediaProperties, MobileAgent, Participant, User
from mcp_finesse.session.actions.agent import SignedIn
from mcp_finesse.session.actions.call_data import CallData
from mcp_finesse.session.actions.calls import NewCall
from mcp_finesse.session.actions.completion import Completion, Difference, Evaluation
from mcp_finesse.session.actions.tasks import (
    MediaRoutable,
    MediaSignedIn,
    MediaStateReached,
    TaskClosed,
    TaskLeft,
    TaskReached,
)
from mcp_finesse.session.state.media_settings import MediaSettings
from mcp_finesse.session.state.pending_reason import PendingReason

CHAT, TASK = "5001", "1_2_3"
WANTED = MediaSettings(3, "ACCEPT")


@dataclass
class State:
    """A hand-made view of the mirror."""

    media: dict[str, Media] = field(default_factory=dict)
    tasks: dict[str, Dialog] = field(default_factory=dict)
    user: User | None = None
    pending_reason: PendingReason = field(default_factory=PendingReason)
    dialogs: dict[str, Dialog] = field(default_factory=dict)
    extension: str | None = "4501"


def media(state: str | None = "READY", *tasks: str, **more: object) -> State:
    shown = Media(id=CHAT, state=state, **more)  # type: ignore[arg-type]
    return State({CHAT: shown}, {str(n): task(str(n), each) for n, each in enumerate(tasks)})


def task(task_id: str, state: str) -> Dialog:
    return Dialog(id=task_id, state=state, media_properties=MediaProperties(media_id=CHAT))


def has(state: str) -> State:
    return State(tasks={TASK: task(TASK, state)})


def agent(**more: object) -> State:
    return State(user=User(state="NOT_READY", extension="4501", **more))  # type: ignore[arg-type]


def call(sender: str = "4501", state: str = "ALERTING", **variables: str) -> State:
    held = [CallVariable(name=name, value=value) for name, value in variables.items()]
    dialog = Dialog(
        id="7",
        state=state,
        from_address=sender,
        to_address="1002",
        participants=[Participant(media_address="4501", state="INITIATED")],
        media_properties=MediaProperties(call_variables=held, wrap_up_items=["Sale", "Other"]),
    )
    return State(dialogs={"7": dialog})


def differs(*items: tuple[str, str, str]) -> tuple[Difference, ...]:
    return tuple(Difference(*item) for item in items)


SIGNED_IN = MediaSignedIn(CHAT, WANTED)
MOBILE = SignedIn("4501", "CALL_BY_CALL", "0170")
ORDER = NewCall("1002", frozenset(), variables={"user.x": "abcdef"})
NOT_SHOWN = Evaluation(note="Finesse does not report interrupt_action.", provisional=True)
NOT_ROUTABLE = (
    "The agent is not routable: no new tasks are offered until change_media_state requests ROUTABLE."
)


@pytest.mark.parametrize(
    ("completion", "state", "evaluation"),
    [
        pytest.param(SIGNED_IN, State(), None, id="media unknown"),
        pytest.param(SIGNED_IN, media("LOGOUT", max_dialog_limit=3), None, id="signed out"),
        pytest.param(SIGNED_IN, media(None), None, id="not served"),
        pytest.param(
            SIGNED_IN, media(max_dialog_limit=3, interrupt_action="ACCEPT"), Evaluation(), id="signed in"
        ),
        pytest.param(SIGNED_IN, media(max_dialog_limit=3), NOT_SHOWN, id="a setting not shown"),
        pytest.param(
            SIGNED_IN, media(max_dialog_limit=1, interrupt_action="ACCEPT"), None, id="a setting otherwise"
        ),
        pytest.param(
            MediaSignedIn(CHAT, WANTED, before=MediaSettings(1, "ACCEPT")),
            media(max_dialog_limit=3, interrupt_action="ACCEPT"),
            Evaluation(),
            id="signed in before, the settings have changed",
        ),
        pytest.param(
            MediaSignedIn(CHAT, WANTED, before=MediaSettings(1)),
            media(max_dialog_limit=3),
            NOT_SHOWN,
            id="signed in before, one setting has changed, the other is not shown",
        ),
        pytest.param(
            MediaSignedIn(CHAT, WANTED, before=MediaSettings(3)),
            media(max_dialog_limit=3),
            None,
            id="signed in before, and nothing has changed",
        ),
        pytest.param(MediaStateReached(CHAT, "READY"), State(), None, id="state of a media unknown"),
        pytest.param(MediaStateReached(CHAT, "READY"), media("NOT_READY"), None, id="not ready yet"),
        pytest.param(
            MediaStateReached(CHAT, "READY"), media("READY", routable=True), Evaluation(), id="ready"
        ),
        pytest.param(
            MediaStateReached(CHAT, "READY"), media("RESERVED"), Evaluation(), id="ready, and a task at once"
        ),
        pytest.param(MediaStateReached(CHAT, "READY"), media("WORK"), None, id="WORK is no ready"),
        pytest.param(
            MediaStateReached(CHAT, "READY"), media("INTERRUPTED"), None, id="interrupted may be not ready"
        ),
        pytest.param(
            MediaStateReached(CHAT, "READY"),
            media(routable=False),
            Evaluation(note=NOT_ROUTABLE),
            id="ready, not routable",
        ),
        pytest.param(
            MediaStateReached(CHAT, "NOT_READY", 23), media("NOT_READY"), None, id="without the reason"
        ),
        pytest.param(
            MediaStateReached(CHAT, "NOT_READY", 23),
            media("NOT_READY", reason_code_id=23),
            Evaluation(),
            id="the reason",
        ),
        pytest.param(MediaStateReached(CHAT, "LOGOUT"), media("LOGOUT"), Evaluation(), id="out"),
        pytest.param(MediaRoutable(CHAT, routable=True), State(), None, id="routable, media unknown"),
        pytest.param(
            MediaRoutable(CHAT, routable=True), media("LOGOUT", routable=True), None, id="out of it"
        ),
        pytest.param(MediaRoutable(CHAT, routable=True), media(routable=False), None, id="not routable yet"),
        pytest.param(
            MediaRoutable(CHAT, routable=False), media(routable=False), Evaluation(), id="not routable"
        ),
        pytest.param(
            MediaRoutable(CHAT, routable=False),
            media("ACTIVE", "ACTIVE", routable=True),
            None,
            id="no reason to wait",
        ),
        pytest.param(
            MediaRoutable(CHAT, routable=False),
            media("ACTIVE", "ACTIVE", "ACCEPTED", routable=True),
            Evaluation(weak=True),
            id="waits for a task that is not started",
        ),
        pytest.param(
            TaskReached(TASK, frozenset({"PAUSED"})),
            State(),
            Evaluation(TASK, failed="The agent no longer has this task."),
            id="task gone",
        ),
        pytest.param(TaskReached(TASK, frozenset({"PAUSED"})), has("ACTIVE"), None, id="not paused yet"),
        pytest.param(TaskReached(TASK, frozenset({"PAUSED"})), has("PAUSED"), Evaluation(TASK), id="paused"),
        pytest.param(TaskLeft(TASK), has("ACTIVE"), None, id="task still there"),
        pytest.param(TaskLeft(TASK), has("CLOSED"), Evaluation(TASK), id="task closed"),
        pytest.param(TaskLeft(TASK), State(), Evaluation(TASK), id="task gone, as asked"),
        pytest.param(TaskClosed(TASK), has("ACTIVE"), None, id="task not closed yet"),
        pytest.param(
            TaskClosed(TASK), State(), Evaluation(TASK, weak=True), id="task gone, perhaps not closed"
        ),
        pytest.param(
            MOBILE,
            agent(mobile_agent=MobileAgent(mode="CALL_BY_CALL", dial_number="0170")),
            Evaluation(),
            id="mobile agent",
        ),
        pytest.param(
            MOBILE,
            agent(),
            Evaluation(note="Finesse does not report mode, dial_number.", provisional=True),
            id="signed in now, not shown how",
        ),
        pytest.param(
            SignedIn("4501", "CALL_BY_CALL", "0170", again=True),
            agent(),
            None,
            id="signed in before, not shown how",
        ),
        pytest.param(
            MOBILE,
            agent(mobile_agent=MobileAgent(mode="NAILED_CONNECTION", dial_number="0170")),
            None,
            id="signed in otherwise",
        ),
        pytest.param(
            SignedIn("4501", device_id="SEP1"), agent(active_device_id="SEP1"), Evaluation(), id="one phone"
        ),
        pytest.param(ORDER, call(**{"user.x": "abcdef"}), Evaluation("7"), id="new call with its variable"),
        pytest.param(
            ORDER,
            call(**{"user.x": "abc"}),
            Evaluation("7", differs(("user.x", "abcdef", "abc")), provisional=True),
            id="new call with a cut variable",
        ),
        pytest.param(
            CallData("7", {"user.x": "abcdef"}),
            call(**{"user.x": "abc"}),
            Evaluation("7", differs(("user.x", "abcdef", "abc")), weak=True),
            id="a part of the value is weak",
        ),
        pytest.param(
            CallData("7", {"user.x": "a"}),
            State(),
            Evaluation("7", weak=True),
            id="the end of the call is weak",
        ),
        pytest.param(
            CallData("7", wrap_up_items=("Other", "Sale")),
            call(),
            Evaluation("7"),
            id="several reasons, any order",
        ),
        pytest.param(
            CallData("7", wrap_up_items=("Other", "Sale", "Z")), call(), None, id="a reason missing is no cut"
        ),
    ],
)
def test_completion_evaluates_state_of_media_and_tasks(
    completion: Completion, state: State, evaluation: Evaluation | None
) -> None:
    assert completion.evaluate(state) == evaluation  # type: ignore[arg-type]
