"""Signing in and out, and changing the state."""

from __future__ import annotations

from mcp_finesse.rest.api import users
from mcp_finesse.session.actions.action import Action, Step, normalized
from mcp_finesse.session.completion.agent import SignedIn, StateIs
from mcp_finesse.session.completion.completion import View


@normalized
def sign_in(user_id: str, extension: str, device_id: str | None = None) -> Action:
    """Sign the agent in at an extension; ``device_id`` chooses the phone of a shared line (UCCE 12.6)."""
    return Action(
        "LOGIN",
        "user",
        lambda view: Step(
            SignedIn(extension, device_id=device_id, again=_is_signed_in(view)),
            lambda rest, rid: users.sign_in(
                rest, user_id, extension, device_id, platform=view.platform, request_id=rid
            ),
        ),
        operation="users.sign_in",
    )


@normalized
def sign_in_mobile(user_id: str, extension: str, mode: str, dial_number: str) -> Action:
    """Sign the agent in to be called at a number; the extension is that of a CTI port (UCCE)."""
    return Action(
        "LOGIN",
        "user",
        lambda view: Step(
            SignedIn(extension, mode, dial_number, again=_is_signed_in(view)),
            lambda rest, rid: users.sign_in_mobile(
                rest, user_id, extension, mode, dial_number, request_id=rid
            ),
        ),
        operation="users.sign_in_mobile",
    )


@normalized
def sign_out(user_id: str, reason_code_id: int | None = None) -> Action:
    """Sign the agent out; Finesse may demand a reason."""
    return Action(
        "LOGOUT",
        "user",
        lambda _: Step(
            StateIs("LOGOUT"), lambda rest, rid: users.sign_out(rest, user_id, reason_code_id, request_id=rid)
        ),
        operation="users.sign_out",
    )


@normalized
def change_state(user_id: str, state: str, reason_code_id: int | None = None) -> Action:
    """Make the agent READY or NOT_READY."""

    def plan(view: View) -> Step:
        return Step(
            StateIs(state, reason_code_id, view.user),
            lambda rest, rid: users.change_state(rest, user_id, state, reason_code_id, request_id=rid),
            begun=lambda: view.pending_reason.record(state, None),
            accepted=lambda: view.pending_reason.record(state, reason_code_id),
        )

    return Action(state, "user", plan, operation="users.change_state")


def _is_signed_in(view: View) -> bool:
    return view.user is not None and view.user.state not in (None, "LOGOUT", "UNKNOWN")
