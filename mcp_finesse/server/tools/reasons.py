"""Looks up the reason of a voice or media state by label, code or id."""

from __future__ import annotations

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import ReasonCode
from mcp_finesse.privacy import quoted
from mcp_finesse.server.present.summaries import Summary, compact, listed
from mcp_finesse.session import FinesseSession


async def choose_reason(session: FinesseSession, state: str, given: str | None) -> tuple[int | None, str]:
    """Return the database id of a reason. Without a given reason, return advice in case Finesse rejects the request.

    Args:
        session: the agent's session.
        state: ``NOT_READY`` or ``LOGOUT``. Other states have no reason.
        given: a label, code or id of the reason, or None.

    Raises:
        InvalidRequestError: no reason matches, or several reasons match.
    """
    if state not in ("NOT_READY", "LOGOUT"):
        return None, ""
    codes = await session.codes(state)
    if given:
        return _reason_id(codes, given), ""
    return None, f"Finesse may require a reason: {_named(codes)}." if codes else ""


def _reason_id(codes: list[ReasonCode], given: str) -> int | None:
    wanted = given.strip().casefold()
    fitting = [code for code in codes if (code.label or "").casefold() == wanted]
    if not fitting:
        fitting = [code for code in codes if wanted in (str(code.code), str(code.id))]
    if len(fitting) == 1:
        return fitting[0].id
    if fitting:
        raise InvalidRequestError(
            f"{quoted(given)} matches more than one reason. Nothing was sent.",
            advice=f"Give the label of one of these reasons: {_named(fitting)}.",
        )
    raise InvalidRequestError(
        f"No reason is called {quoted(given)}. Nothing was sent.",
        advice=f"Reasons: {_named(codes) or 'none are configured'}.",
    )


def _named(codes: list[ReasonCode]) -> str:
    return listed([reason_line(reason_summary(code)) for code in codes])


def reason_summary(code: ReasonCode) -> Summary:
    """Return the summary of a reason code."""
    return compact(id=code.id, code=code.code, label=code.label)


def reason_line(reason: Summary) -> str:
    """Return a reason summary as text."""
    known = ", ".join(f"{name} {reason[name]}" for name in ("code", "id") if name in reason)
    return f"{reason.get('label', 'without label')} ({known})"
