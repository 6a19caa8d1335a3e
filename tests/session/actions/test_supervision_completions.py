"""Completions of supervisor actions: which states prove them."""

from __future__ import annotations

import pytest

from mcp_finesse.model import Dialog, MediaProperties, Participant, Team, User
from mcp_finesse.session import Mirror
from mcp_finesse.session.actions.completion import Completion
from mcp_finesse.session.actions.supervision import (
    AgentStateReached,
    BargedIn,
    Monitoring,
    ParticipantRemoved,
)
from tests.mirrored import set_user

OWN, ADAS, CUSTOMER = "4500", "4501", "+49"
MONITOR, CALL, CONSULT = "m", "c", "b"


def dialog(
    dialog_id: str, state: str, parties: dict[str, str], to: str = ADAS, caller: str = OWN, cause: str = ""
) -> Dialog:
    return Dialog(
        id=dialog_id,
        state=state,
        from_address=caller,
        to_address=to,
        media_properties=MediaProperties(),
        participants=[
            Participant(media_address=address, state=each, state_cause=cause or None)
            for address, each in parties.items()
        ],
    )


def view(*dialogs: Dialog) -> Mirror:
    mirror = Mirror("1000")
    set_user(mirror, User(id="1000", state="NOT_READY", extension=OWN))
    reading = mirror.begin_reading()
    mirror.merge_dialogs(dialogs, reading)
    mirror.end_reading(reading)
    return mirror


def result(completion: Completion, *dialogs: Dialog) -> str:
    evaluation = completion.evaluate(view(*dialogs))
    if evaluation is None:
        return "nothing yet"
    if evaluation.failed:
        return f"failed: {evaluation.failed}"
    return f"{'weak' if evaluation.weak else 'done'} {evaluation.dialog_id}"


THE_CALL = dialog(CALL, "ACTIVE", {CUSTOMER: "ACTIVE", ADAS: "ACTIVE"}, "8800", CUSTOMER)
HEARD = dialog(MONITOR, "ACTIVE", {OWN: "ACTIVE", ADAS: "ACTIVE"})
JOINED = dialog(CALL, "ACTIVE", {CUSTOMER: "ACTIVE", ADAS: "ACTIVE", OWN: "ACTIVE"}, "8800", CUSTOMER)


@pytest.mark.parametrize(
    ("dialogs", "expected"),
    [
        ([], "nothing yet"),
        ([dialog("n", "INITIATING", {OWN: "INITIATING"}, to="")], "nothing yet"),
        ([dialog("n", "ALERTING", {OWN: "INITIATED", ADAS: "ALERTING"})], "nothing yet"),
        ([dialog("n", "ACTIVE", {OWN: "ACTIVE", ADAS: "ACTIVE"})], "done n"),
        ([dialog("n", "ACTIVE", {OWN: "ACTIVE"}, to="4502")], "nothing yet"),
        ([dialog("n", "ACTIVE", {OWN: "ACTIVE", ADAS: "ACTIVE"}, caller=ADAS)], "nothing yet"),
        ([dialog("old", "ACTIVE", {OWN: "ACTIVE", ADAS: "ACTIVE"})], "nothing yet"),
        (
            [dialog("n", "FAILED", {OWN: "FAILED"}, cause="BUSY")],
            "failed: The call to the agent failed: BUSY.",
        ),
        (
            [dialog("n", "FAILED", {OWN: "INITIATED"})],
            "failed: The call to the agent failed: no cause given.",
        ),
        ([dialog("n", "ACTIVE", {ADAS: "ACTIVE"})], "nothing yet"),
    ],
)
def test_monitoring_is_proved_by_new_dialog_with_active_supervisor(
    dialogs: list[Dialog], expected: str
) -> None:
    assert result(Monitoring(ADAS, frozenset({"old"})), *dialogs) == expected


@pytest.mark.parametrize(
    ("dialogs", "expected"),
    [
        ([HEARD], "nothing yet"),
        ([HEARD, dialog(CONSULT, "ALERTING", {OWN: "INITIATED", ADAS: "ALERTING"})], "nothing yet"),
        ([HEARD, dialog(CONSULT, "ACTIVE", {OWN: "ACTIVE", ADAS: "ACTIVE"})], "nothing yet"),
        ([], "nothing yet"),
        ([JOINED], f"done {CALL}"),
        ([HEARD, JOINED], f"done {CALL}"),
        (
            [dialog(CALL, "ACTIVE", {CUSTOMER: "DROPPED", ADAS: "ACTIVE", OWN: "ACTIVE"}, "8800", CUSTOMER)],
            "nothing yet",
        ),
        (
            [HEARD, dialog(CONSULT, "FAILED", {OWN: "FAILED"}, cause="OTHER")],
            "failed: The call to the agent failed: OTHER.",
        ),
    ],
)
def test_barge_is_proved_by_conference_with_agent_and_another_party(
    dialogs: list[Dialog], expected: str
) -> None:
    assert result(BargedIn(MONITOR, ADAS, frozenset({MONITOR})), *dialogs) == expected


@pytest.mark.parametrize(
    ("dialogs", "expected"),
    [
        ([JOINED], "nothing yet"),
        ([dialog(CALL, "ACTIVE", {CUSTOMER: "ACTIVE", OWN: "ACTIVE"})], f"done {CALL}"),
        ([dialog(CALL, "ACTIVE", {ADAS: "WRAP_UP", CUSTOMER: "ACTIVE", OWN: "ACTIVE"})], f"done {CALL}"),
        ([dialog(CALL, "ACTIVE", {ADAS: "DROPPED", CUSTOMER: "ACTIVE", OWN: "ACTIVE"})], f"done {CALL}"),
        ([], f"weak {CALL}"),
        ([dialog(CALL, "ACTIVE", {ADAS: "DROPPED", CUSTOMER: "DROPPED", OWN: "WRAP_UP"})], f"weak {CALL}"),
        ([dialog(CALL, "DROPPED", {ADAS: "DROPPED", CUSTOMER: "DROPPED", OWN: "DROPPED"})], f"weak {CALL}"),
    ],
)
def test_drop_is_proved_by_participant_having_left(dialogs: list[Dialog], expected: str) -> None:
    assert result(ParticipantRemoved(CALL, ADAS), *dialogs) == expected


@pytest.mark.parametrize(
    ("asked", "user", "expected"),
    [
        ("READY", User(id="1001", state="NOT_READY"), None),
        ("READY", User(id="1001", state="READY"), ""),
        ("READY", User(id="1001", state="RESERVED"), None),
        ("READY", User(id="1001", state="TALKING"), None),
        (
            "READY",
            User(id="1001", state="TALKING", pending_state="READY"),
            "READY is pending and takes effect when the call ends.",
        ),
        ("LOGOUT", User(id="1001", state="LOGOUT"), ""),
        ("LOGOUT", None, "The agent is no longer listed in the team."),
        ("READY", None, None),
    ],
)
def test_agent_state_is_evaluated_from_the_team(asked: str, user: User | None, expected: str | None) -> None:
    mirror = view()
    completion = AgentStateReached("1001", "310", asked)
    assert completion.evaluate(mirror) is None, "the team has not been read"
    mirror.team_store.merge("310", Team(id="310", users=[user] if user is not None else []))
    evaluation = completion.evaluate(mirror)
    assert (evaluation.note if evaluation is not None else None) == expected
