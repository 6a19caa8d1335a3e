"""Watch: attribution of errors to requests, and when a wait ends."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import ApiErrorDetail
from mcp_finesse.model import Update, User
from mcp_finesse.session.actions.agent import StateReached
from mcp_finesse.session.actions.outcome import Watch
from mcp_finesse.session.state.mirror import Mirror
from tests.mirrored import set_user

USER = "/finesse/api/User/1001"
DIALOGS = f"{USER}/Dialogs"


def error(request_id: str | None, source: str) -> Update:
    return Update(
        event="PUT", source=source, request_id=request_id, errors=(ApiErrorDetail("Invalid State"),)
    )


def watch(source: str = USER, *, new_dialog: bool = False) -> Watch:
    return Watch(StateReached("READY"), Mirror("1001"), "ours", source, new_dialog=new_dialog)


@pytest.mark.parametrize(
    ("request_id", "source", "watched", "new_dialog", "heard", "surely_ours"),
    [
        pytest.param("ours", USER, USER, False, True, True, id="our id"),
        pytest.param("ours", "/anything", USER, False, True, True, id="our id, wherever it comes from"),
        pytest.param("theirs", USER, USER, False, False, False, id="another id"),
        pytest.param(None, USER, USER, False, True, False, id="no id, our object"),
        pytest.param(None, USER.lower(), USER, False, True, False, id="no id, our object in another case"),
        pytest.param(None, "/finesse/api/Dialog/9", USER, False, False, False, id="no id, another object"),
        pytest.param(None, "/finesse/api/Dialog/9", DIALOGS, True, True, False, id="no id, a new call's"),
        pytest.param(None, USER, DIALOGS, True, False, False, id="no id, the agent's while calling"),
    ],
)
def test_error_is_attributed_by_request_id_or_source(
    request_id: str | None, source: str, watched: str, new_dialog: bool, heard: bool, surely_ours: bool
) -> None:
    made = watch(watched, new_dialog=new_dialog)
    made.record_errors(error(request_id, source))
    assert (bool(made.errors), made.error_is_ours) == (heard, surely_ours)


async def test_error_ends_the_wait_and_can_be_dismissed() -> None:
    made = watch()
    made.record_errors(error(None, USER))
    assert await made.wait(5) is None
    assert made.decided
    made.dismiss_errors()
    assert not made.decided
    assert await made.wait(0.01) is None


async def test_completed_evaluation_is_kept_when_the_state_changes_again() -> None:
    mirror = Mirror("1001")
    made = Watch(StateReached("READY"), mirror, "ours", USER)
    mirror.listen(made.evaluate_state)
    set_user(mirror, User(state="READY"))
    made.evaluate_state()
    set_user(mirror, User(state="NOT_READY"))
    made.evaluate_state()
    assert await made.wait(0) is not None
