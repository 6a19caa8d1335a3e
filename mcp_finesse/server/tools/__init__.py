"""The tools, one module for what belongs together; each tool is a few lines on the session."""

from __future__ import annotations

from mcp_finesse.server.policy import Effect, Policy
from mcp_finesse.server.tools import agent_state, call_data, calls, contacts, core, feeds, notifications


def register_core(policy: Policy) -> None:
    """The tools that every server has."""
    for read in (
        core.get_session_status,
        core.get_user,
        core.get_dialogs,
        notifications.get_notifications,
        notifications.wait_for_notification,
        feeds.list_feeds,
    ):
        policy.register(read, Effect.READ)
    policy.register(feeds.subscribe_feed, Effect.WATCH)
    policy.register(feeds.unsubscribe_feed, Effect.WATCH)
    policy.register(core.explain_error, Effect.READ)


def register_agent(policy: Policy) -> None:
    """The tools of an agent at work."""
    policy.register(agent_state.sign_in, Effect.CHANGE)
    policy.register(agent_state.sign_out, Effect.DESTRUCTIVE)
    policy.register(agent_state.change_state, Effect.CHANGE)
    policy.register(agent_state.get_codes, Effect.READ)
    policy.register(contacts.search_contacts, Effect.READ)
    policy.register(calls.make_call, Effect.CHANGE)
    policy.register(calls.answer_call, Effect.CHANGE)
    policy.register(calls.hold_call, Effect.CHANGE)
    policy.register(calls.retrieve_call, Effect.CHANGE)
    policy.register(calls.end_call, Effect.DESTRUCTIVE)
    policy.register(calls.consult_call, Effect.CHANGE)
    policy.register(calls.transfer_call, Effect.CHANGE)
    policy.register(calls.conference_call, Effect.CHANGE)
    policy.register(calls.send_dtmf, Effect.CHANGE)
    policy.register(call_data.update_call_data, Effect.CHANGE)
    policy.register(call_data.wrap_up_call, Effect.CHANGE)
