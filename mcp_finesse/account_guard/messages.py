"""Errors for rejected passwords, and for paused sign-in attempts."""

from __future__ import annotations

import time

from mcp_finesse.account_guard.rules import Decision
from mcp_finesse.credentials import id_hint
from mcp_finesse.errors import CredentialsError, NotReadyError, SignInPausedError

ADMINISTRATOR = "administrator"
_CORRECT_SOURCE = (
    "Correct the password or token where it is stored. This MCP server then reads the new value without a restart. "
    "The rejected value is not sent again, because five wrong passwords lock the account for 5 minutes."
)


def rejected_now(user_id: str, role: str, *, renewable: bool = False) -> CredentialsError:
    """Return the error for a password that has just been rejected.

    Args:
        user_id: The user id.
        role: ``agent`` or ``administrator``.
        renewable: Whether the password is read again later.
    """
    if renewable:
        return CredentialsError(
            f"Finesse rejected the password or token of {role} {user_id}.",
            advice=f"{_CORRECT_SOURCE} {id_hint(user_id) if role != ADMINISTRATOR else ''}".strip(),
        )
    if role == ADMINISTRATOR:
        return CredentialsError(
            f"Finesse rejected {user_id!r} as an administrator: the user id or the password is wrong, or the "
            "user is not an administrator.",
            advice="Check FINESSE_ADMIN_USER and FINESSE_ADMIN_PASSWORD, then restart this MCP server. "
            "Five wrong passwords lock the administrator's account for 5 minutes.",
        )
    return CredentialsError(
        f"Finesse rejected the user id or the password of {user_id}.",
        advice="Check the user id and the password, then restart this MCP server. Five wrong passwords "
        "lock the account for 5 minutes. " + id_hint(user_id),
    )


def rejected_before(user_id: str, role: str, seconds: float, *, renewable: bool = False) -> CredentialsError:
    """Return the error for a password that was rejected before and cannot be sent again for ``seconds``."""
    if renewable:
        return CredentialsError(
            f"Finesse has already rejected this password or token of {role} {user_id}. It was not sent again.",
            advice=_CORRECT_SOURCE,
        )
    left = max(0.0, seconds)
    if role == ADMINISTRATOR:
        return CredentialsError(
            f"Finesse rejected the credentials of the administrator {user_id!r} less than 5 minutes ago. "
            "The password was not sent again.",
            advice=f"Correct FINESSE_ADMIN_PASSWORD or wait {left:.0f} s, then restart this MCP server. After five "
            "wrong passwords Finesse locks the account.",
        )
    return CredentialsError(
        f"Finesse rejected the same credentials of {user_id!r} less than 5 minutes ago. "
        "The password was not sent again.",
        advice=f"Correct the password or wait {left:.0f} s, then restart this MCP server. After five wrong passwords "
        "Finesse locks the account.",
    )


def paused(user_id: str, decision: Decision, now: float) -> SignInPausedError:
    """Return the error for an attempt that could lock the account."""
    return SignInPausedError(
        f"Sign-in attempts of {user_id} are paused until {_clock_time(decision.until)} "
        f"(in {max(0.0, decision.until - now):.0f} s). {decision.why}",
        until=decision.until,
        advice="No password is sent during this pause, because Finesse locks an account after five wrong passwords.",
    )


def wait_timed_out(user_id: str) -> NotReadyError:
    """Return the error for an attempt that waited too long for other attempts."""
    return NotReadyError(
        f"Nothing was sent: other sign-in requests of {user_id} are still waiting for a response.",
        advice="Try again. Sign-in attempts are sent one at a time so that the account is not locked.",
    )


def _clock_time(at: float) -> str:
    return time.strftime("%H:%M:%S %Z", time.localtime(at)).strip()
