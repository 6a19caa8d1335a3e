"""REST and the Notification Service as one: connection life, outcomes, mirror, journal."""

from mcp_finesse.rest.transmission import Transmission, record_transmission
from mcp_finesse.session.administration import Administration
from mcp_finesse.session.call_log import CallLog, CallOutcome, CallRecord
from mcp_finesse.session.changes import ASSIGNMENTS, CONFIGURATION, Verb
from mcp_finesse.session.config import SessionConfig
from mcp_finesse.session.configuring import ConfigurationOutcome
from mcp_finesse.session.demands import Demands, demands_of
from mcp_finesse.session.free_request import FreeAnswer, FreeRequest
from mcp_finesse.session.journal import Entry, GapInfo, Journal, Page
from mcp_finesse.session.mirror import Change, Mirror
from mcp_finesse.session.outcome import DifferenceInfo, ErrorInfo, Outcome, OutcomeStatus
from mcp_finesse.session.session import FinesseSession
from mcp_finesse.session.skew import Skew
from mcp_finesse.session.status import LinkStatus, SessionState, SessionStatus
from mcp_finesse.session.subscriptions import FeedStatus
from mcp_finesse.session.timing import Clock, SessionTiming
from mcp_finesse.xmpp import Feed, list_feeds

__all__ = [
    "ASSIGNMENTS",
    "CONFIGURATION",
    "Administration",
    "CallLog",
    "CallOutcome",
    "CallRecord",
    "Change",
    "Clock",
    "ConfigurationOutcome",
    "Demands",
    "DifferenceInfo",
    "Entry",
    "ErrorInfo",
    "Feed",
    "FeedStatus",
    "FinesseSession",
    "FreeAnswer",
    "FreeRequest",
    "GapInfo",
    "Journal",
    "LinkStatus",
    "Mirror",
    "Outcome",
    "OutcomeStatus",
    "Page",
    "SessionConfig",
    "SessionState",
    "SessionStatus",
    "SessionTiming",
    "Skew",
    "Transmission",
    "Verb",
    "demands_of",
    "list_feeds",
    "record_transmission",
]
