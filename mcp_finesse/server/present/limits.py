"""Limits on the size of results and on the duration of tools. Tools apply these limits, and clients can read them."""

from __future__ import annotations

from mcp_finesse.session import SessionTiming
from mcp_finesse.session.state.call_log import MAX_CALLS

MAX_DIALOGS = 30
MAX_DIALOGS_OF_NOTIFICATION = 20
MAX_PARTICIPANTS = 20
MAX_VARIABLES = 60
MAX_WRAP_UP_ITEMS = 20
MAX_SIBLINGS = 20
MAX_CODES = 100
MAX_TASKS = 30
MAX_MEDIA = 30
MAX_TEAMS = 20
MAX_CANDIDATES = 10
MAX_AGENTS_WITH_CALLS = 20
MAX_ITEMS = 50
MAX_FEEDS = 100
MAX_ERRORS = 20
MAX_RAW_CHARACTERS = 20_000
MAX_TEXT = 1000
MAX_SHOWN_TEXT = 2_000
MAX_SHOWN_ITEMS = 100
MAX_SHOWN_DEPTH = 12
"""Limits for texts, items and nesting depth of Finesse objects, which can be arbitrarily large or deep."""
MAX_WAIT_SECONDS = 50
MAX_CONDITIONS = 8

STATUS_SECONDS = 3.0
"""Maximum seconds get_session_status waits while the session is connecting."""

READY_SECONDS = 5.0
"""Maximum seconds a tool waits while the session is connecting. The wait and an action together take under 60 s."""

ROWS = (
    ("calls that get_dialogs returns", f"{MAX_DIALOGS}"),
    ("calls or tasks of one notification", f"{MAX_DIALOGS_OF_NOTIFICATION}"),
    ("participants shown of a call or task", f"{MAX_PARTICIPANTS}"),
    ("call variables shown of a call or task", f"{MAX_VARIABLES}"),
    ("tasks that get_tasks returns, and media that get_media returns", f"{MAX_TASKS}"),
    ("wrap-up reasons shown of a call or task", f"{MAX_WRAP_UP_ITEMS}"),
    ("feeds that list_feeds returns", f"{MAX_FEEDS}"),
    ("errors, and differences, of one action or notification", f"{MAX_ERRORS}"),
    ("teams that get_team returns", f"{MAX_TEAMS}"),
    ("agents whose calls get_team reads", f"{MAX_AGENTS_WITH_CALLS}"),
    ("codes of one kind that get_codes returns", f"{MAX_CODES}"),
    ("notifications, contacts, agents, queues and messages in one result (`limit`)", f"{MAX_ITEMS}"),
    ("characters of a body or a raw notification", f"{MAX_RAW_CHARACTERS}"),
    ("characters of one text value of a Finesse object", f"{MAX_SHOWN_TEXT}"),
    ("characters of an argument that is an id, a number, a label or words to search for", f"{MAX_TEXT}"),
    ("seconds that wait_for_notification waits (`timeout`)", f"{MAX_WAIT_SECONDS}"),
    ("conditions that wait_for_notification accepts", f"{MAX_CONDITIONS}"),
    ("ended calls that get_call_log stores", f"{MAX_CALLS}"),
    ("maximum seconds until the outcome of an action", f"{SessionTiming().action:g}"),
    ("maximum seconds that a tool waits while the session connects", f"{READY_SECONDS:g}"),
)
"""The limits as shown to clients. Results always state how many items were omitted."""
