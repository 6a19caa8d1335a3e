"""What the tools of the toolset supervisor would do, for policy rules and for questions to a person."""

from __future__ import annotations

import contextlib
from typing import Any

from mcp_finesse.errors import FinesseError, InvalidRequestError
from mcp_finesse.model import Dialog
from mcp_finesse.numbers import canonical_id
from mcp_finesse.privacy import caller_text, quoted
from mcp_finesse.server.policy.intent import AskReason, Intent
from mcp_finesse.server.policy.reading import reading
from mcp_finesse.server.present.limits import READY_SECONDS
from mcp_finesse.server.present.team_summaries import name_of
from mcp_finesse.server.tools.agent_lookup import Member, find_agent, read_teams, team_ids
from mcp_finesse.server.tools.call_targeting import call_text, only_call
from mcp_finesse.session import FinesseSession
from mcp_finesse.session.actions.supervision import recorded_extension

_NUMBER = 100
_TEXT = 300


async def change_agent_state(session: FinesseSession, agent: str, state: str, **_: Any) -> Intent:
    """Return the intent to change the state of another agent."""
    await session.ready(READY_SECONDS)
    member = await find_agent(session, agent)
    return _on_agent(f"Set {_named(member)} to {state}.", member)


async def sign_out_agent(session: FinesseSession, agent: str, **_: Any) -> Intent:
    """Return the intent to sign another agent out."""
    await session.ready(READY_SECONDS)
    member = await find_agent(session, agent)
    return _on_agent(f"Sign out {_named(member)}.", member, AskReason.SIGN_OUT)


async def monitor_call(session: FinesseSession, agent: str, **_: Any) -> Intent:
    """Return the intent to listen to another agent's phone call. Listening changes nothing for this agent."""
    await session.ready(READY_SECONDS)
    member = await find_agent(session, agent)
    return _on_agent(f"Listen to the phone call of {_named(member)}.", member, None)


async def barge_call(session: FinesseSession, dialog_id: str | None = None, **_: Any) -> Intent:
    """Return the intent to join another agent's phone call."""
    dialog, text = await _call(session, "BARGE_CALL", dialog_id)
    agents = await _other_agents(session, dialog)
    return _on_agents_call(session, f"Join {text}.", dialog, agents)


async def intercept_call(session: FinesseSession, dialog_id: str | None = None, **_: Any) -> Intent:
    """Return the intent to take over another agent's phone call."""
    barged = [
        dialog.id
        for dialog in session.mirror.dialogs.values()
        if any("PARTICIPANT_DROP" in party.actions for party in dialog.participants)
    ]
    action = "PARTICIPANT_DROP" if (dialog_id in barged or (dialog_id is None and barged)) else "BARGE_CALL"
    dialog, text = await _call(session, action, dialog_id)
    summary = f"Take over {text}: join the call, and remove the other agent."
    agents = await _other_agents(session, dialog)
    return _on_agents_call(session, summary, dialog, agents)


async def drop_participant(
    session: FinesseSession, participant: str, dialog_id: str | None = None, **_: Any
) -> Intent:
    """Return the intent to remove a participant from a phone call."""
    dialog, text = await _call(session, "PARTICIPANT_DROP", dialog_id)
    agents = tuple(
        each for each in await _other_agents(session, dialog) if participant in _addresses_of(session, each)
    )
    summary = f"Remove {caller_text(participant, _NUMBER)} from {text}."
    return _on_agents_call(session, summary, dialog, agents)


async def start_recording(session: FinesseSession, dialog_id: str | None = None) -> Intent:
    """Return the intent to record the user's own phone call, or that of the agent whom the user monitors."""
    dialog, text = await _call(session, "START_RECORDING", dialog_id)
    own = session.mirror.extension or ""
    recorded = recorded_extension(dialog, own)
    agents = () if recorded == own else (await _ids_at(session, [recorded]))
    reason = AskReason.OTHER_AGENT if agents else None
    return _on_agents_call(session, f"Record {text}.", dialog, agents, reason)


async def get_team(session: FinesseSession, team: str | None = None, **_: Any) -> Intent:
    """Return the intent to read teams."""
    await session.ready(READY_SECONDS)
    return reading(*(f"team:{each}" for each in team_ids(session, team)), summary="Read a team.")


async def get_queues(session: FinesseSession, query: str | None = None, **_: Any) -> Intent:  # noqa: ARG001
    """Return the intent to read a queue or, without the id of a queue, the list of queues."""
    named = (query or "").strip()
    slug = f"queue:{canonical_id(named)}" if named.isdecimal() else "queues"
    return reading(slug, summary="Read queues.")


async def get_team_messages(session: FinesseSession, team: str | None = None, **_: Any) -> Intent:
    """Return the intent to read the messages to teams. No feed carries these messages."""
    await session.ready(READY_SECONDS)
    return Intent("Read team messages.", changes=False, teams=tuple(team_ids(session, team)))


async def send_team_message(
    session: FinesseSession, content: str, team: str | None = None, **_: Any
) -> Intent:
    """Return the intent to show a message to all agents of teams."""
    await session.ready(READY_SECONDS)
    everyone = team is None or team.strip().casefold() == "all"
    ids = team_ids(session, None if everyone else team)
    summary = f"Show to all agents of team {', '.join(ids)}: {caller_text(content, _TEXT)}"
    return Intent(summary, teams=tuple(ids), objects=len(ids))


async def delete_team_message(session: FinesseSession, message_id: str) -> Intent:
    """Return the intent to delete a message to teams."""
    await session.ready(READY_SECONDS)
    ids = team_ids(session, None)
    shown = await session.team_reader.messages(ids)
    found = next((each for each in shown if each.id == message_id), None)
    text = f": {caller_text(found.content or '', _TEXT)}" if found is not None else "."
    teams = tuple(found.teams if found is not None else ids)  # an unknown message may be that of any team
    return Intent(f"Delete team message {caller_text(message_id, _NUMBER)}{text}", teams=teams)


def _on_agent(summary: str, member: Member, reason: AskReason | None = AskReason.OTHER_AGENT) -> Intent:
    chosen = {"agent": member.id}
    return Intent(summary, reason, agents=(member.id,), teams=(member.team_id,), chosen=chosen)


def _on_agents_call(
    session: FinesseSession,
    summary: str,
    dialog: Dialog,
    agents: tuple[str, ...],
    reason: AskReason | None = AskReason.OTHER_AGENT,
) -> Intent:
    """Return the intent to change a phone call of agents, to whom the rules about their teams apply too."""
    teams = tuple(
        team_id
        for team_id, team in session.mirror.teams.items()
        if any((user.login_id or user.id) in agents for user in team.users)
    )
    return Intent(summary, reason, agents=agents, teams=teams, chosen={"dialog_id": dialog.id})


def _named(member: Member) -> str:
    """Return the name and id of an agent, without the state, which could change while a person reads the question."""
    return f"agent {caller_text(name_of(member.user), _NUMBER)} ({member.id})"


async def _call(session: FinesseSession, action_name: str, dialog_id: str | None) -> tuple[Dialog, str]:
    """Return the phone call that the tool would act on, and a text that names this phone call and its parties.

    Raises:
        InvalidRequestError: The user has no such phone call.
    """
    await session.ready(READY_SECONDS)
    chosen = dialog_id or await only_call(session, action_name)
    if chosen not in session.mirror.dialogs:
        await session.refresh_dialogs()
    dialog = session.mirror.dialogs.get(chosen)
    if dialog is None:
        raise InvalidRequestError(
            f"The agent has no call {quoted(chosen)}. Nothing was sent.", advice="Use get_dialogs."
        )
    return dialog, call_text(chosen, dialog)


async def _other_agents(session: FinesseSession, dialog: Dialog) -> tuple[str, ...]:
    """Return the other agents on a phone call: the id of each agent or, if it is unknown, the extension."""
    extensions = [
        party.media_address
        for party in dialog.participants
        if party.media_address_type == "AGENT_DEVICE" and party.media_address != session.mirror.extension
    ]
    return await _ids_at(session, [each for each in extensions if each])


async def _ids_at(session: FinesseSession, extensions: list[str]) -> tuple[str, ...]:
    """Return the ids of the agents at these extensions. If an extension is unknown, read the teams."""
    known = {each: _id_at(session, each) for each in extensions}
    if None in known.values():
        with contextlib.suppress(FinesseError):  # some sites do not allow agents to read their team
            await read_teams(session, team_ids(session, None))
        known = {each: _id_at(session, each) for each in extensions}
    return tuple(known[each] or each for each in extensions)


def _id_at(session: FinesseSession, extension: str) -> str | None:
    for team in session.mirror.teams.values():
        for user in team.users:
            if user.extension == extension:
                return user.login_id or user.id
    return None


def _addresses_of(session: FinesseSession, agent: str) -> set[str]:
    """Return the extensions of an agent, and the id itself."""
    users = [user for team in session.mirror.teams.values() for user in team.users]
    return {agent} | {
        user.extension for user in users if agent in (user.login_id, user.id) and user.extension
    }
