"""Tools for the agent's own state: sign in and out, become ready or not ready, and list the reason codes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.server.arguments.arguments import Reason, Text, Word
from mcp_finesse.server.present.limits import MAX_CODES
from mcp_finesse.server.present.results import OutcomeResult, Result
from mcp_finesse.server.present.summaries import bounded
from mcp_finesse.server.tools.call_targeting import READY_SECONDS, perform
from mcp_finesse.server.tools.reasons import choose_reason, reason_line, reason_summary
from mcp_finesse.session import FinesseSession, Outcome, OutcomeStatus
from mcp_finesse.session.actions import agent

MobileMode = Annotated[
    Literal["CALL_BY_CALL", "NAILED_CONNECTION"] | None,
    Word,
    Field(description="Only for mobile agents (UCCE)"),
]
State = Annotated[Literal["READY", "NOT_READY"], Word, Field(description="New state")]
CodeKind = Annotated[
    Literal["NOT_READY", "SIGN_OUT", "WRAP_UP"] | None, Word, Field(description="Default all")
]


async def sign_in(
    session: FinesseSession,
    extension: Annotated[
        Text | None, Field(description="Phone extension. Omit to use the last extension")
    ] = None,
    mode: MobileMode = None,
    dial_number: Annotated[
        Text | None, Field(description="Phone number of a mobile agent; requires mode")
    ] = None,
    device_id: Annotated[
        Text | None, Field(description="Device id, if several devices share the extension")
    ] = None,
) -> OutcomeResult:
    """Sign the agent in to Finesse (log in) at a phone extension.

    Use at the start of work, then change_state to become READY. Requires a free phone and an agent who is
    signed out. Returns status and user.
    """
    chosen = extension or session.mirror.extension
    if chosen is None:
        raise InvalidRequestError(
            "`extension` is missing.", advice="Ask the user which phone extension to use."
        )
    user_id = session.mirror.user_id
    if mode is None and dial_number is None:
        return await perform(session, agent.sign_in(user_id, chosen, device_id))
    if mode is None or dial_number is None or device_id is not None:
        raise InvalidRequestError(
            "A mobile agent signs in with mode and dial_number together, and without device_id. Nothing was sent."
        )
    hint = f"The agent must first answer the call to {dial_number}." if mode == "NAILED_CONNECTION" else ""
    return await perform(session, agent.sign_in_mobile(user_id, chosen, mode, dial_number), hint=hint)


async def sign_out(session: FinesseSession, reason: Reason = None) -> OutcomeResult:
    """Sign the agent out of Finesse (log out).

    Use at the end of work; for a break use change_state. Requires NOT_READY (UCCX: or READY); a reason may be
    required. Returns status and user.
    """
    return await _with_reason(session, "LOGOUT", reason)


async def change_state(session: FinesseSession, state: State, reason: Reason = None) -> OutcomeResult:
    """Make the agent READY for calls, or NOT_READY (break, lunch); during a call, this takes effect after the call.

    Use sign_out instead at the end of work. Requires a signed-in agent; NOT_READY may require a reason.
    Returns status and user.
    """
    if state == "READY" and reason:
        raise InvalidRequestError("READY takes no reason. Nothing was sent.")
    return await _with_reason(session, state, reason)


async def _with_reason(session: FinesseSession, state: str, reason: str | None) -> OutcomeResult:
    await session.ready(READY_SECONDS)
    reason_id, hint = await choose_reason(session, state, reason)
    user_id = session.mirror.user_id
    signs_out = state == "LOGOUT"
    action = (
        agent.sign_out(user_id, reason_id) if signs_out else agent.change_state(user_id, state, reason_id)
    )
    return await perform(session, action, hint=hint, hint_if=_may_lack_a_reason)


def _may_lack_a_reason(outcome: Outcome) -> bool:
    """Return whether Finesse rejected the request because of its reason code, or without an explanation."""
    said = " ".join(f"{error.type} {error.message} {error.data}" for error in outcome.errors)
    return outcome.status == OutcomeStatus.FAILED and (not said or "reason" in said.lower())


class CodesResult(Result):
    """The reason codes and wrap-up reasons that an agent can choose. Lists that were not requested are omitted."""

    not_ready: list[dict[str, Any]] | None = None
    sign_out: list[dict[str, Any]] | None = None
    wrap_up: list[str] | None = None
    left_out: int | None = None

    def __str__(self) -> str:
        lines = []
        for title, codes in (("Not ready", self.not_ready), ("Sign out", self.sign_out)):
            if codes is not None:
                lines.append(f"{title}: {', '.join(map(reason_line, codes)) or 'none'}")
        if self.wrap_up is not None:
            lines.append(f"Wrap-up: {', '.join(self.wrap_up) or 'none'}")
        if self.left_out:
            lines.append(
                f"{self.left_out} more codes were left out. The tools accept the labels of those codes too."
            )
        return "\n".join(lines)


async def get_codes(session: FinesseSession, kind: CodeKind = None) -> CodesResult:
    """List the reason codes for not ready and sign out, and the wrap-up reasons.

    Use before change_state, sign_out or wrap_up_call; explain_error covers system codes. Returns not_ready,
    sign_out and wrap_up.
    """
    await session.ready(READY_SECONDS)
    result, cut = CodesResult(), 0
    if kind in (None, "NOT_READY"):
        result.not_ready, more = bounded(
            [reason_summary(code) for code in await session.codes("NOT_READY")], MAX_CODES
        )
        cut += more
    if kind in (None, "SIGN_OUT"):
        result.sign_out, more = bounded(
            [reason_summary(code) for code in await session.codes("LOGOUT")], MAX_CODES
        )
        cut += more
    if kind in (None, "WRAP_UP"):
        labels = [reason.label for reason in await session.wrap_up_reasons() if reason.label]
        result.wrap_up, more = bounded(labels, MAX_CODES)
        cut += more
    result.left_out = cut or None
    return result
