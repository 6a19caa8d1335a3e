"""Asynchronous errors of task routing, which follow the 202 response (guide p.367 to 372)."""

from __future__ import annotations

from mcp_finesse.simulator.errors import CtiError


def arm_error(code: int, constant: str, media_id: str, error_type: str = "Generic Error") -> CtiError:
    """Return an error with a code and a constant of task routing (ARM) and the media routing domain (MRD)."""
    return CtiError(error_type, f"E_ARM_STAT_{constant}", str(code), media_id)


def already_signed_in(media_id: str) -> CtiError:
    """Return the error for a repeated sign-in. The settings of the sign-in are applied despite the error."""
    return arm_error(1, "AGENT_ALREADY_LOGGED_IN", media_id, "Agent already logged into MRD")


def not_configured(media_id: str) -> CtiError:
    """Return the error for a user without a skill group in the domain."""
    return arm_error(2, "AGENT_NOT_FOUND", media_id)


def unknown_domain(media_id: str) -> CtiError:
    """Return the error for an unknown domain."""
    return arm_error(3, "MRD_LIST_ENTRY_NOT_FOUND", media_id)


def not_signed_in(media_id: str) -> CtiError:
    """Return the error for a user who is not signed in to the domain."""
    return arm_error(6, "AGENT_NOT_LOGGED_IN", media_id, "Agent is not logged in")


def voice_domain(media_id: str) -> CtiError:
    """Return the error for the voice domain, which has a separate API."""
    return arm_error(11, "CANT_LOGIN_TO_VOICE_MRD", media_id)


def wrong_sequence(media_id: str) -> CtiError:
    """Return the error for a request that the current state does not allow."""
    return arm_error(19, "INVALID_MESSAGE_SEQUENCE", media_id, "Invalid State")


def is_interrupted(media_id: str) -> CtiError:
    """Return the error for an action on an interrupted task."""
    return arm_error(30, "NOT_VALID_AFTER_INTERRUPT_ADVISORY_ACCEPT", media_id)


def already_in_mode(media_id: str) -> CtiError:
    """Return the error for a request to set ``routable`` to the value that it already has (guide p.173)."""
    return arm_error(0, "ALREADY_IN_REQUESTED_AGENT_MODE", media_id, "Agent already in requested mode")


def task_not_found(dialog_id: str, media_id: str) -> CtiError:
    """Return the error for a task that was removed after the 202 response."""
    return CtiError("Generic Error", f"INVALID_DIALOG_ID: {dialog_id}", "6030", media_id)


def no_such_selector(media_id: str) -> CtiError:
    """Return the error for an unknown script selector.

    Transfers use the Customer Collaboration Platform, and its HTTP errors are passed on to the client.
    """
    return CtiError("Generic Error", "Script selector not found", "404", media_id)
