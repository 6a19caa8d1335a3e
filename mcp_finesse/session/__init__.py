"""The session of one agent, which combines the REST API and the Notification Service."""

from mcp_finesse.rest.operation import Role, Used
from mcp_finesse.rest.transmission import Transmission, record_transmission
from mcp_finesse.session.actions.outcome import DifferenceInfo, ErrorInfo, Outcome, OutcomeStatus
from mcp_finesse.session.actions.possible_actions import possible_actions
from mcp_finesse.session.administration.change_runner import ConfigurationOutcome
from mcp_finesse.session.administration.changes import ASSIGNMENTS, CONFIGURATION, Verb
from mcp_finesse.session.administration.raw_request import RawRequest, RawResponse
from mcp_finesse.session.administration.session import Administration
from mcp_finesse.session.config import SessionConfig
from mcp_finesse.session.connection.subscriptions import FeedStatus
from mcp_finesse.session.nodes.clock_offset import ClockOffset
from mcp_finesse.session.requirements import Requirements, any_of, requirements_of
from mcp_finesse.session.session import FinesseSession
from mcp_finesse.session.state.call_log import CallLog, CallOutcome, CallRecord
from mcp_finesse.session.state.journal import Entry, GapInfo, Journal, Page
from mcp_finesse.session.state.mirror import Change, Mirror
from mcp_finesse.session.status import LinkStatus, SessionState, SessionStatus
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
    "ClockOffset",
    "ConfigurationOutcome",
    "DifferenceInfo",
    "Entry",
    "ErrorInfo",
    "Feed",
    "FeedStatus",
    "FinesseSession",
    "GapInfo",
    "Journal",
    "LinkStatus",
    "Mirror",
    "Outcome",
    "OutcomeStatus",
    "Page",
    "RawRequest",
    "RawResponse",
    "Requirements",
    "Role",
    "SessionConfig",
    "SessionState",
    "SessionStatus",
    "SessionTiming",
    "Transmission",
    "Used",
    "Verb",
    "any_of",
    "list_feeds",
    "possible_actions",
    "record_transmission",
    "requirements_of",
]
