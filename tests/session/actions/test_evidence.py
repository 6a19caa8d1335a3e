"""Evidence: which event sequences prove a transfer, call data or a removed participant."""

from __future__ import annotations

import pytest

from mcp_finesse.model import CallVariable, Dialog, MediaProperties, Participant, Update
from mcp_finesse.session.actions.call_data import CallData
from mcp_finesse.session.actions.completion import Completion
from mcp_finesse.session.actions.evidence import Evidence, History, NeedsEvidence
from mcp_finesse.session.actions.supervision import ParticipantRemoved
from mcp_finesse.session.actions.transfer import transfer_call
from tests.session.actions.test_call_completions import State, agent

OWN, CALLER, TARGET = "4501", "0170", "4502"
OURS = "r-1"


def call(dialog_id: str = "7", **parties: str) -> Dialog:
    """Return a call whose participants (``own``, ``caller``, ``target``) are in these states."""
    addresses = {"own": OWN, "caller": CALLER, "target": TARGET}
    participants = [Participant(media_address=addresses[who], state=state) for who, state in parties.items()]
    return Dialog(id=dialog_id, state="ACTIVE", participants=participants)


def put(dialog: Dialog, request_id: str = "") -> Update:
    return Update(
        event="PUT", source=f"/finesse/api/Dialog/{dialog.id}", dialog=dialog, request_id=request_id
    )


def delete(dialog: Dialog) -> Update:
    return Update(event="DELETE", source="/finesse/api/User/1001/Dialogs", dialogs=[dialog])


def evidence(completion: Completion, before: list[Dialog], *seen: Update | float) -> Evidence:
    """Return the evidence the completion finds in the updates. A number advances the clock by these seconds."""
    history, now = History(OURS, OWN, {dialog.id: dialog for dialog in before}), 0.0
    for each in seen:
        if isinstance(each, float):
            now += each
        else:
            history.add_update(each, now)
    assert isinstance(completion, NeedsEvidence)
    return completion.evidence(history)


def blind() -> Completion:
    view = State(user=agent("TALKING").user, dialogs={"7": call(own="ACTIVE", caller="ACTIVE")})
    return transfer_call("7", TARGET).prepare(view).completion  # type: ignore[arg-type]


def consult() -> Completion:
    calls = {"7": call(own="HELD", caller="ACTIVE"), "8": call("8", own="ACTIVE", target="ACTIVE")}
    return transfer_call("7").prepare(State(user=agent("TALKING").user, dialogs=calls)).completion  # type: ignore[arg-type]


TALKING = call(own="ACTIVE", caller="ACTIVE")
HELD = call(own="HELD", caller="ACTIVE")
ALL_DROPPED = call(own="DROPPED", caller="DROPPED")
HUNG_UP = "the caller hung up while the transfer was in progress"


@pytest.mark.parametrize(
    ("seen", "supported"),
    [
        pytest.param([put(TALKING, OURS), put(HELD), delete(ALL_DROPPED)], True, id="recorded, no wrap-up"),
        pytest.param([put(TALKING, OURS), delete(ALL_DROPPED)], True, id="id on an intermediate event"),
        pytest.param([put(HELD), delete(ALL_DROPPED)], True, id="HELD and then gone"),
        pytest.param([put(call(own="WRAP_UP", caller="ACTIVE"))], True, id="recorded, with wrap-up"),
        pytest.param([delete(call(own="DROPPED", caller="ACTIVE"))], True, id="the guide's DELETE"),
        pytest.param(
            [put(call(own="WRAP_UP", caller="ACTIVE", target="ALERTING"))], True, id="target is participant"
        ),
        pytest.param([delete(ALL_DROPPED)], False, id="gone, and nothing else"),
        pytest.param([put(HELD), put(TALKING), delete(ALL_DROPPED)], False, id="HELD by the desktop before"),
        pytest.param([put(TALKING, "another"), delete(ALL_DROPPED)], False, id="the id of another request"),
        pytest.param(
            [put(call(own="DROPPED", caller="ACTIVE")), put(ALL_DROPPED), delete(ALL_DROPPED)],
            False,
            id="the agent hung up at the desktop",
        ),
    ],
)
def test_blind_transfer_needs_supporting_evidence(seen: list[Update], supported: bool) -> None:
    assert evidence(blind(), [TALKING], *seen).supported is supported


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param([put(call(own="ACTIVE", caller="DROPPED"), OURS), delete(ALL_DROPPED)], id="while live"),
        pytest.param([put(TALKING, OURS), put(call(own="WRAP_UP", caller="DROPPED"))], id="with wrap-up"),
        pytest.param(
            [put(HELD), put(call(own="HELD", caller="DROPPED")), delete(ALL_DROPPED)], id="while HELD"
        ),
    ],
)
def test_caller_who_drops_first_contradicts_a_transfer_despite_other_evidence(seen: list[Update]) -> None:
    found = evidence(blind(), [TALKING], *seen)
    assert (found.supported, found.contradicted, found.otherwise) == (False, True, HUNG_UP)


def test_result_states_that_the_caller_may_have_hung_up_instead() -> None:
    found = evidence(blind(), [TALKING], put(TALKING, OURS), delete(ALL_DROPPED))
    assert "or the caller hung up" in found.limits
    assert not evidence(blind(), [TALKING], put(call(own="WRAP_UP", caller="ACTIVE"))).limits


CONSULT = call("8", own="ACTIVE", target="ACTIVE")
CONSULT_GONE = delete(call("8", own="DROPPED", target="DROPPED"))


@pytest.mark.parametrize(
    ("seen", "supported"),
    [
        pytest.param([CONSULT_GONE, delete(ALL_DROPPED)], True, id="both leave together"),
        pytest.param([CONSULT_GONE, put(call(own="WRAP_UP", caller="ACTIVE"))], True, id="with wrap-up"),
        pytest.param([CONSULT_GONE, 3.0, delete(ALL_DROPPED)], False, id="one long after the other"),
        pytest.param([put(HELD, OURS), CONSULT_GONE, 3.0, delete(ALL_DROPPED)], False, id="even with our id"),
        pytest.param([delete(ALL_DROPPED)], False, id="one alone"),
        pytest.param(
            [put(call(own="WRAP_UP", caller="ACTIVE", target="ACTIVE"))], True, id="the two are connected"
        ),
    ],
)
def test_consult_transfer_requires_both_calls_to_end_together(
    seen: list[Update | float], supported: bool
) -> None:
    assert evidence(consult(), [HELD, CONSULT], *seen).supported is supported


def with_data(value: str | None, dialog_id: str = "7") -> Dialog:
    variables = [CallVariable(name="user.x", value=value)] if value is not None else []
    return Dialog(id=dialog_id, media_properties=MediaProperties(call_variables=variables))


ABC = CallData("7", {"user.x": "abcdef"})


@pytest.mark.parametrize(
    ("before", "seen", "expected"),
    [
        pytest.param("abc", [], "open", id="the old value is the beginning"),
        pytest.param("abc", [put(with_data("abc"))], "open", id="and is reported again"),
        pytest.param("abc", [put(with_data("abc"), OURS)], "supported", id="and Finesse names our request"),
        pytest.param("x", [put(with_data("abc"))], "supported", id="cut to something new"),
        pytest.param("x", [delete(with_data("abcdef"))], "supported", id="the call ended with the value"),
        pytest.param("x", [delete(with_data("x"))], "failed", id="the call ended with the old value"),
        pytest.param("x", [delete(with_data(None))], "open", id="the call ended and the event shows no data"),
        pytest.param("abc", [delete(with_data("abc"))], "open", id="the call ended with the old beginning"),
    ],
)
def test_prefix_of_a_value_does_not_prove_that_it_was_written(
    before: str, seen: list[Update], expected: str
) -> None:
    found = evidence(ABC, [with_data(before)], *seen)
    assert ("failed" if found.failed else "supported" if found.supported else "open") == expected


def test_two_changed_values_confirm_a_truncated_one() -> None:
    completion = CallData("7", {"user.x": "abcdef"}, "Sale")
    before = with_data("abc")
    now = Dialog(
        id="7",
        media_properties=MediaProperties(
            call_variables=[CallVariable(name="user.x", value="abc")], wrap_up_reason="Sale"
        ),
    )
    assert evidence(completion, [before], put(now)).supported


def test_removed_participant_requires_event_of_the_call_continuing_without_it() -> None:
    completion, before = ParticipantRemoved("7", TARGET), call(own="ACTIVE", caller="ACTIVE", target="ACTIVE")
    ended = delete(call(own="DROPPED", caller="DROPPED", target="DROPPED"))
    assert not evidence(completion, [before], ended).supported
    assert evidence(completion, [before], put(TALKING), ended).supported
