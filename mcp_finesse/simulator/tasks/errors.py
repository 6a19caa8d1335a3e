"""What the agent routing of nonvoice media refuses, after the 202 (guide p.367 to 372)."""

from __future__ import annotations

from mcp_finesse.simulator.errors import CtiError


def arm(code: int, constant: str, media_id: str, error_type: str = "Generic Error") -> CtiError:
    """An error with the number and name of the media routing, and the MRD it is about."""
    return CtiError(error_type, f"E_ARM_STAT_{constant}", str(code), media_id)


def already_signed_in(media_id: str) -> CtiError:
    """Signing in again; the settings are taken all the same."""
    return arm(1, "AGENT_ALREADY_LOGGED_IN", media_id, "Agent already logged into MRD")


def not_configured(media_id: str) -> CtiError:
    """The user has no skill group in the domain."""
    return arm(2, "AGENT_NOT_FOUND", media_id)


def unknown_domain(media_id: str) -> CtiError:
    """There is no such domain."""
    return arm(3, "MRD_LIST_ENTRY_NOT_FOUND", media_id)


def not_signed_in(media_id: str) -> CtiError:
    """The user is not signed in to the domain."""
    return arm(6, "AGENT_NOT_LOGGED_IN", media_id, "Agent is not logged in")


def voice_domain(media_id: str) -> CtiError:
    """Calls have an API of their own."""
    return arm(11, "CANT_LOGIN_TO_VOICE_MRD", media_id)


def wrong_sequence(media_id: str) -> CtiError:
    """What was asked for does not follow on the state there is."""
    return arm(19, "INVALID_MESSAGE_SEQUENCE", media_id, "Invalid State")


def is_interrupted(media_id: str) -> CtiError:
    """Nothing can be done with a task that other work has interrupted."""
    return arm(30, "NOT_VALID_AFTER_INTERRUPT_ADVISORY_ACCEPT", media_id)


def already_so(media_id: str) -> CtiError:
    """The user is routable, or not, as asked for (guide p.173)."""
    return arm(0, "ALREADY_IN_REQUESTED_AGENT_MODE", media_id, "Agent already in requested mode")


def vanished(dialog_id: str, media_id: str) -> CtiError:
    """The task went away after the 202."""
    return CtiError("Generic Error", f"INVALID_DIALOG_ID: {dialog_id}", "6030", media_id)


def no_such_selector(media_id: str) -> CtiError:
    """Transfers go by the Customer Collaboration Platform, whose HTTP errors come back as they are."""
    return CtiError("Generic Error", "Script selector not found", "404", media_id)
