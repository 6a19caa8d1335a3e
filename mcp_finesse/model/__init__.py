"""Typed models of Finesse's objects, parsed from XML and written as XML. No I/O."""

from __future__ import annotations

from mcp_finesse.model.api_errors import is_api_errors, read_api_errors
from mcp_finesse.model.code_tables.error_codes import (
    CATALOGUE,
    advice_for,
    explain,
    media_meaning_of,
    similar,
)
from mcp_finesse.model.code_tables.meaning import ABOUT_PRESENT_STATE, NAME_THE_VALUE, CodeMeaning
from mcp_finesse.model.dialog import (
    LEFT_STATES,
    CallVariable,
    Dialog,
    MediaProperties,
    Participant,
    ScheduledCallback,
    own_participant,
)
from mcp_finesse.model.limits import LIMITS, Limit
from mcp_finesse.model.media import DialogLogoutAction, InterruptAction, Media
from mcp_finesse.model.notification import Update, parse_update
from mcp_finesse.model.participant_actions import ACTION_RULES, ActionRule
from mcp_finesse.model.phone_book import Contact, PhoneBook
from mcp_finesse.model.platform import Platform, PlatformTraits, platform_of, traits_of
from mcp_finesse.model.queue import Queue, QueueStatistics
from mcp_finesse.model.reason_code import ReasonCode, WrapUpReason
from mcp_finesse.model.sign_on import AccessToken, UserAuthMode, read_token
from mcp_finesse.model.states import (
    AgentState,
    AnyAgentState,
    AnyDialogState,
    AnyEventKind,
    AnyMediaState,
    AnyParticipantState,
    CallAction,
    DialogState,
    EventKind,
    MediaState,
    ParticipantState,
)
from mcp_finesse.model.system_info import CtiServer, Node, SystemInfo
from mcp_finesse.model.team import Team
from mcp_finesse.model.team_message import Author, TeamMessage
from mcp_finesse.model.transitions import AGENT_STATES, TRANSITIONS, Transition, may_ask_for
from mcp_finesse.model.user import Device, MobileAgent, Settings, TeamRef, User
from mcp_finesse.model.wire import WireModel, id_from_uri, read_list, read_time
from mcp_finesse.model.xml import Element, build, local_name, parse, to_mapping

__all__ = [
    "ABOUT_PRESENT_STATE",
    "ACTION_RULES",
    "AGENT_STATES",
    "CATALOGUE",
    "LEFT_STATES",
    "LIMITS",
    "NAME_THE_VALUE",
    "TRANSITIONS",
    "AccessToken",
    "ActionRule",
    "AgentState",
    "AnyAgentState",
    "AnyDialogState",
    "AnyEventKind",
    "AnyMediaState",
    "AnyParticipantState",
    "Author",
    "CallAction",
    "CallVariable",
    "CodeMeaning",
    "Contact",
    "CtiServer",
    "Device",
    "Dialog",
    "DialogLogoutAction",
    "DialogState",
    "Element",
    "EventKind",
    "InterruptAction",
    "Limit",
    "Media",
    "MediaProperties",
    "MediaState",
    "MobileAgent",
    "Node",
    "Participant",
    "ParticipantState",
    "PhoneBook",
    "Platform",
    "PlatformTraits",
    "Queue",
    "QueueStatistics",
    "ReasonCode",
    "ScheduledCallback",
    "Settings",
    "SystemInfo",
    "Team",
    "TeamMessage",
    "TeamRef",
    "Transition",
    "Update",
    "User",
    "UserAuthMode",
    "WireModel",
    "WrapUpReason",
    "advice_for",
    "build",
    "explain",
    "id_from_uri",
    "is_api_errors",
    "local_name",
    "may_ask_for",
    "media_meaning_of",
    "own_participant",
    "parse",
    "parse_update",
    "platform_of",
    "read_api_errors",
    "read_list",
    "read_time",
    "read_token",
    "similar",
    "to_mapping",
    "traits_of",
]
