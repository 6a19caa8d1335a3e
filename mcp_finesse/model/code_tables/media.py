"""Codes of nonvoice media and tasks on UCCE (guide p.367 to 372, E_ARM_STAT_...)."""

from __future__ import annotations

from mcp_finesse.model.code_tables.meaning import (
    ASK_CONFIGURATION,
    READ_AGAIN,
    REPORT,
    WAIT_AND_READ,
    WAIT_FOR_SERVICE,
    Row,
    table,
)

_INTERNAL = "Task routing has an internal error."
_SIGN_IN = "Sign in to the media routing domain first."

_ROWS: tuple[Row, ...] = (
    (1, "E_ARM_STAT_AGENT_ALREADY_LOGGED_IN", "The agent is signed in to this media routing domain already.",
     "The agent signed in a second time, for example after a failover. The new settings were applied.",
     "No action is required: read the media to see the settings."),
    (2, "E_ARM_STAT_AGENT_NOT_FOUND", "The agent is not configured.", "This domain has no agent with that id.",
     ASK_CONFIGURATION),
    (3, "E_ARM_STAT_MRD_LIST_ENTRY_NOT_FOUND", "The media routing domain is not configured.", "The id is wrong.",
     "Check the id of the media routing domain."),
    (6, "E_ARM_STAT_AGENT_NOT_LOGGED_IN", "The agent is not signed in to this media routing domain.",
     "The agent never signed in, or was signed out by a failover.", _SIGN_IN),
    (9, "E_ARM_STAT_ALREADY_HAVE_PENDING_MAKE_AGENT_NOT_READY", "NOT_READY is already pending.",
     "NOT_READY was requested before, and is pending until the tasks end.", WAIT_AND_READ),
    (11, "E_ARM_STAT_CANT_LOGIN_TO_VOICE_MRD", "This request cannot sign in to the voice domain.",
     "The id is that of the voice domain.", "Sign in for voice with the user's state and an extension."),
    (14, "E_ARM_STAT_DO_THIS_WITH_TASK_SENT_RECENTLY", "A task was sent just now.",
     "A task was assigned while the request was in progress.", WAIT_AND_READ),
    (18, "E_ARM_STAT_TASK_OBJECT_NOT_FOUND", "The task is not known.", "The task was closed or transferred.",
     READ_AGAIN),
    (19, "E_ARM_STAT_INVALID_MESSAGE_SEQUENCE", "A message arrived out of order.", _INTERNAL, REPORT),
    (20, "E_ARM_STAT_INCONSISTENT_MEDIA_ROUTING_DOMAIN_IDS", "The task belongs to another domain.",
     "The id of the media routing domain does not fit the task.",
     "Check the id of the media routing domain."),
    (21, "E_ARM_STAT_NO_OFFER_OR_PRE_CALL_RECEIVED", "The task was never offered.", _INTERNAL, REPORT),
    (22, "E_ARM_STAT_INCONSISTENT_AGENT_IDS", "The task belongs to another agent.", _INTERNAL, REPORT),
    (27, "E_ARM_STAT_LOGIN_NOT_ALLOWED_FOR_APP_PATH", "Sign-in is not allowed for this media.",
     "Domain and peripheral are not in the application path of this server.", ASK_CONFIGURATION),
    (30, "E_ARM_STAT_NOT_VALID_AFTER_INTERRUPT_ADVISORY_ACCEPT", "The task is interrupted.",
     "A task of another domain has interrupted this task.", "Finish the interrupting task first."),
    (32, "E_ARM_STAT_SKILL_GROUP_NOT_FOUND", "The skill group is not known.", _INTERNAL, REPORT),
    (33, "E_ARM_STAT_SERVICE_NOT_FOUND", "The service is not known.", _INTERNAL, REPORT),
    (34, "E_ARM_STAT_PERFORMANCE_LIMIT_EXCEEDED", "Too many agents are signed in.",
     "The limit of the peripheral gateway is reached.",
     "Try again when other agents have signed out, or ask the administrator to raise the limit."),
    (36, "E_ARM_STAT_CC_OFFLINE", "The central controller is offline.", "A link or a server is down.",
     WAIT_FOR_SERVICE),
    (37, "E_ARM_STAT_LOGIN_TIMEOUT", "Sign-in took too long.", "The system is slow or restarting.",
     WAIT_AND_READ),
    (38, "E_ARM_STAT_PQ_LOGIN_FAILED", "Sign-in to the precision queues failed.",
     "The configuration of the precision queues is wrong.", ASK_CONFIGURATION),
    (41, "E_ARM_STAT_LOGIN_REQUEST_ALREADY_PENDING", "A sign-in is already in progress.",
     "The request was sent twice.", WAIT_AND_READ),
    ("Agent already in requested mode", "E_ARM_STAT_ALREADY_IN_REQUESTED_AGENT_MODE",
     "The agent is already routable, or not routable, as requested.", "The request was sent twice.",
     "No action is required: read the media to see the state."),
    (6030, "INVALID_DIALOG_ID", "The task no longer exists.", "The task ended after the request was "
    "accepted.", READ_AGAIN),
)  # fmt: skip

MEDIA = table("media", _ROWS)
