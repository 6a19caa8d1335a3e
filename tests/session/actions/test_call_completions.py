"""Completions of call and agent actions: which states prove an action and which do not."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from mcp_finesse.model import CallVariable, Dialog, MediaProperties, Participant, User
from mcp_finesse.session.actions.agent import SignedIn, StateReached
from mcp_finesse.session.actions.call_data import CallData
from mcp_finesse.session.actions.calls import DialogsLeft, NewCall, ParticipantReached
from mcp_finesse.session.actions.completion import Completion, Difference, Evaluation, NeverReported
from mcp_finesse.session.actions.transfer import Conferenced
from mcp_finesse.session.state.pending_reason import PendingReason

OWN = "4501"


@dataclass
class State:
    """A hand-made view of the mirror."""

    user: User | None = None
    pending_reason: PendingReason = field(default_factory=PendingReason)
    dialogs: dict[str, Dialog] = field(default_factory=dict)
    extension: str | None = OWN


def call(
    call_id: str = "7",
    own: str | None = "ACTIVE",
    *others: str,
    to: str = "8800",
    sender: str = "0170",
    state: str = "ACTIVE",
    cause: str | None = None,
    wrap_up: str | None = None,
    variables: dict[str, str] | None = None,
) -> Dialog:
    parties = [Participant(media_address=address, state="ACTIVE") for address in others]
    if own is not None:
        parties.append(Participant(media_address=OWN, state=own, state_cause=cause))
    held = [CallVariable(name=name, value=value) for name, value in (variables or {}).items()]
    properties = MediaProperties(wrap_up_reason=wrap_up, call_variables=held)
    return Dialog(
        id=call_id,
        state=state,
        from_address=sender,
        to_address=to,
        participants=parties,
        media_properties=properties,
    )


def calls(*dialogs: Dialog) -> State:
    return State(dialogs={dialog.id: dialog for dialog in dialogs})


def agent(state: str | None, **more: object) -> State:
    return State(user=User(state=state, extension=OWN, **more))  # type: ignore[arg-type]


PENDING = "NOT_READY is pending and takes effect when the call ends."


def pending(state: str, reason_code_id: int) -> State:
    view = agent("TALKING", pending_state=state)
    view.pending_reason.record(state, reason_code_id)
    return view


NEW = NewCall("1002", frozenset({"7"}))
CONSULT = NewCall("1002", frozenset({"7"}), held="7")
HELD = ParticipantReached("7", frozenset({"HELD"}))
JOINED = Conferenced(("7", "8"), frozenset({OWN, "0170", "4502"}))
DONE = Evaluation("7")
DIALLED = Evaluation("8", note="Finesse has not reported that the called phone is ringing.", provisional=True)


@pytest.mark.parametrize(
    ("completion", "state", "evaluation"),
    [
        pytest.param(HELD, calls(call()), None, id="not held yet"),
        pytest.param(HELD, calls(call(own="HELD")), DONE, id="held"),
        pytest.param(HELD, calls(call(own=None)), None, id="not on the call"),
        pytest.param(HELD, calls(), Evaluation("7", failed="The call has ended."), id="call gone"),
        pytest.param(DialogsLeft(("7",)), calls(call()), None, id="still on the call"),
        pytest.param(DialogsLeft(("7",)), calls(), DONE, id="call gone, as asked"),
        pytest.param(DialogsLeft(("7",)), calls(call(own="DROPPED")), DONE, id="left the call"),
        pytest.param(DialogsLeft(("7",)), calls(call(own="WRAP_UP")), DONE, id="left the call, wrapping up"),
        pytest.param(DialogsLeft(("7", "8")), calls(call("8")), None, id="one of two left"),
        pytest.param(NEW, calls(call()), None, id="no new call"),
        pytest.param(
            NEW, calls(call("8", "INITIATING", to="1002", sender=OWN)), None, id="new call, off hook only"
        ),
        pytest.param(
            NEW,
            calls(call("8", "INITIATED", to="1002", sender=OWN, state="INITIATED")),
            DIALLED,
            id="dialled, will do after a while",
        ),
        pytest.param(
            NEW,
            calls(call("8", "INITIATED", to="1002", sender=OWN, state="ALERTING")),
            Evaluation("8"),
            id="rings at the other side",
        ),
        pytest.param(
            NEW, calls(call("8", "ACTIVE", to="", sender=OWN)), Evaluation("8"), id="answered, no to"
        ),
        pytest.param(NEW, calls(call("8", "ALERTING", to=OWN)), None, id="an incoming call proves nothing"),
        pytest.param(
            NEW, calls(call("8", "INITIATED", to="1003", sender=OWN)), None, id="a call to another number"
        ),
        pytest.param(
            NEW,
            calls(call("8", "FAILED", to="1002", sender=OWN, cause="BUSY")),
            Evaluation("8", failed="The call to '1002' failed: BUSY."),
            id="busy",
        ),
        pytest.param(
            CONSULT,
            calls(call(), call("8", "INITIATED", to="1002", sender=OWN)),
            None,
            id="consult call, first not held",
        ),
        pytest.param(
            CONSULT,
            calls(call(own="HELD"), call("8", "INITIATED", to="1002", sender=OWN)),
            Evaluation("8"),
            id="consult call, first held",
        ),
        pytest.param(JOINED, calls(call(own="HELD"), call("8")), None, id="still two calls"),
        pytest.param(JOINED, calls(call("7", "ACTIVE", "0170", "4502")), DONE, id="one call with all three"),
        pytest.param(JOINED, calls(call("7", "ACTIVE", "0170")), None, id="one call without the third"),
        pytest.param(JOINED, calls(), Evaluation(failed="Both calls have ended."), id="no call left"),
        pytest.param(SignedIn(OWN), agent("LOGOUT"), None, id="signed out"),
        pytest.param(SignedIn(OWN), agent("NOT_READY"), Evaluation(), id="signed in"),
        pytest.param(SignedIn(OWN), agent("READY"), Evaluation(), id="signed in again keeps the state"),
        pytest.param(SignedIn("4999"), agent("READY"), None, id="signed in elsewhere"),
        pytest.param(SignedIn(OWN), State(), None, id="agent unknown"),
        pytest.param(StateReached("READY"), agent("NOT_READY"), None, id="not ready yet"),
        pytest.param(StateReached("READY"), agent("READY"), Evaluation(), id="ready"),
        pytest.param(StateReached("READY"), agent("RESERVED"), None, id="reserved is not ready"),
        pytest.param(
            StateReached("READY", before=User(state="RESERVED")),
            agent("RESERVED"),
            None,
            id="reserved before and still",
        ),
        pytest.param(
            StateReached("READY", before=User(state="NOT_READY")),
            agent("RESERVED"),
            Evaluation(),
            id="ready, and a call at once",
        ),
        pytest.param(
            StateReached("READY"),
            agent("RESERVED_OUTBOUND_PREVIEW", pending_state="NOT_READY"),
            None,
            id="shown a preview, and not ready afterwards",
        ),
        pytest.param(StateReached("READY"), agent("TALKING"), None, id="talking proves no ready"),
        pytest.param(StateReached("READY"), State(), None, id="no agent, no state"),
        pytest.param(
            StateReached("NOT_READY", 23), agent("NOT_READY", reason_code_id=24), None, id="another reason"
        ),
        pytest.param(
            StateReached("NOT_READY", 23),
            agent("NOT_READY", reason_code_id=23),
            Evaluation(),
            id="the reason",
        ),
        pytest.param(
            StateReached("NOT_READY"),
            agent("TALKING", pending_state="NOT_READY"),
            Evaluation(note=PENDING, pending=True),
            id="pending, without a reason",
        ),
        pytest.param(
            StateReached("NOT_READY", 23, before=User(state="TALKING")),
            agent("TALKING", pending_state="NOT_READY"),
            Evaluation(
                note=f"{PENDING} Finesse does not report the reason of a pending state.",
                unreadable=True,
                pending=True,
            ),
            id="pending now",
        ),
        pytest.param(
            StateReached("NOT_READY", 23, before=User(state="TALKING", pending_state="NOT_READY")),
            agent("TALKING", pending_state="NOT_READY"),
            Evaluation(note=PENDING, weak=True, pending=True),
            id="pending before, the reason is not known",
        ),
        pytest.param(
            StateReached("NOT_READY", 23),
            pending("NOT_READY", 23),
            Evaluation(note=PENDING, pending=True),
            id="pending with this reason",
        ),
        pytest.param(
            StateReached("NOT_READY", 24),
            pending("NOT_READY", 23),
            Evaluation(note=PENDING, weak=True, pending=True),
            id="pending with another reason",
        ),
        pytest.param(CallData("7", {"callVariable1": "a"}), calls(call()), None, id="value not there"),
        pytest.param(
            CallData("7", {"callVariable1": "a"}),
            calls(call(variables={"callVariable1": "a"})),
            DONE,
            id="value there",
        ),
        pytest.param(
            CallData("7", {"user.x": "abcdef"}),
            calls(call(variables={"user.x": "abc"})),
            Evaluation("7", (Difference("user.x", "abcdef", "abc"),), weak=True),
            id="value cut",
        ),
        pytest.param(
            CallData("7", {"user.x": "abc"}), calls(call(variables={"user.x": "old"})), None, id="old value"
        ),
        pytest.param(
            CallData("7", {"user.x": ""}), calls(call(variables={"user.x": "old"})), None, id="not cleared"
        ),
        pytest.param(CallData("7", {"user.x": ""}), calls(call()), DONE, id="cleared"),
        pytest.param(CallData("7", wrap_up_reason="Sale"), calls(call()), None, id="no wrap-up"),
        pytest.param(CallData("7", wrap_up_reason="Sale"), calls(call(wrap_up="Sale")), DONE, id="wrap-up"),
        pytest.param(
            CallData("7", wrap_up_reason="Sale"),
            calls(),
            Evaluation("7", weak=True),
            id="too late",
        ),
        pytest.param(NeverReported("7"), calls(call()), None, id="tones are never confirmed"),
    ],
)
def test_completion_evaluates_state_of_agent_and_calls(
    completion: Completion, state: State, evaluation: Evaluation | None
) -> None:
    assert completion.evaluate(state) == evaluation
