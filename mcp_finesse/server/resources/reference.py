"""Reference pages for models, in Markdown. They are generated from the tables that the code uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from mcp.server.mcpserver.exceptions import ResourceNotFoundError

from mcp_finesse.model import (
    ACTION_RULES,
    AGENT_STATES,
    CATALOGUE,
    LIMITS,
    TRANSITIONS,
    CodeMeaning,
    Platform,
    PlatformTraits,
    Transition,
    traits_of,
)
from mcp_finesse.server.present import limits
from mcp_finesse.server.present.uris import REFERENCE, REFERENCE_TEMPLATE
from mcp_finesse.server.sessions import FinesseServer
from mcp_finesse.server.toolsets.selection import TOOLSETS, Selection
from mcp_finesse.session import list_feeds

MARKDOWN = "text/markdown"
MAX_CHARACTERS = 24_000
"""Maximum size of a page, enforced by a test: about 7,000 tokens."""

FAMILIES = {
    "cti": "CTI codes (UCCE, and codes that UCCX passes on)",
    "ccx": "Codes of UCCX",
    "media": "Codes of media and tasks (chat, e-mail)",
    "http": "ErrorType and HTTP status of the REST API",
    "reason": "Reason codes that the system sets",
}


def error_codes(_: Selection) -> str:
    """Error codes by family, with their meanings; explain_error returns cause and next step."""
    parts = ["`explain_error` returns the likely cause and the next step for each code.\n"]
    for family, title in FAMILIES.items():
        if family != "reason":
            rows = [(meaning.code, meaning.constant, meaning.meaning) for meaning in catalogue_of(family)]
            parts.append(f"## {title}\n\n{table(('Code', 'Name', 'Meaning'), rows)}")
    return "\n".join(parts)


def reason_codes(_: Selection) -> str:
    """Reason codes that the system sets automatically: why an agent is not ready or was signed out."""
    rows = [
        (m.code, m.platform or "both", m.label, f"{m.meaning} {m.unconfirmed}", m.likely_cause, m.what_to_do)
        for m in catalogue_of("reason")
    ]
    return (
        "The administrator can add codes: `get_codes` lists the codes that an agent may use. A reason "
        "has a label, a code "
        "and an id. Requests to Finesse carry the id; the tools accept the label, the code or the id. "
        "On UCCE, some codes are used both as a not-ready reason and as a sign-out reason.\n\n"
        + table(("Code", "Platform", "Label", "Meaning", "Likely cause", "What to do"), rows)
    )


def agent_states(_: Selection) -> str:
    """List the voice states of an agent and the transitions between them."""
    states = [(state, meaning) for state, meaning in AGENT_STATES.items()]
    steps = [
        (
            ", ".join(step.start),
            ", ".join(step.end),
            f"{step.cause}{' (requested by the agent)' if step.asked else ''}",
            _platforms(step),
        )
        for step in TRANSITIONS
    ]
    return (
        f"{table(('State', 'Meaning'), states)}\n## Transitions\n\n"
        "Agents can request READY, NOT_READY or sign-out. The system makes every other change. After a "
        f"failover any transition is possible.\n\n{table(('From', 'To', 'Why', 'Platform'), steps)}\n"
        f"## Platforms\n\n{table(('Property', *Platform), _platform_rows())}"
    )


def participant_actions(_: Selection) -> str:
    """List the requirements and the result of each action on a dialog."""
    rows = [
        (
            rule.action,
            rule.needs,
            rule.leads_to + ("" if rule.confirmed else " (never confirmed)"),
            ", ".join(platform for platform in Platform if rule.exists_on(platform)),
        )
        for rule in ACTION_RULES.values()
    ]
    return (
        "The `allowed_actions` of a call list what the agent can do with the call now. This table shows "
        f"when Finesse allows each action.\n\n{table(('Action', 'Requires', 'Result', 'Platform'), rows)}"
    )


def feeds(_: Selection) -> str:
    """List the feeds: what each contains, and which are received automatically."""
    rows = [
        (
            feed.slug,
            feed.description,
            "automatically" if feed.automatic else "after subscribe_feed",
            ", ".join(feed.platforms),
        )
        for feed in list_feeds()
    ]
    return table(("Feed", "Contents", "Received", "Platform"), rows)


def limits_page(_: Selection) -> str:
    """List the limits of Finesse and of this server."""
    finesse = [(limit.what, limit.most, limit.beyond) for limit in LIMITS]
    return (
        f"## Finesse\n\n{table(('Limit', 'Maximum', 'If exceeded'), finesse)}\n"
        f"## This server\n\n{table(('Limit', 'Maximum'), limits.ROWS)}"
    )


def toolsets(selection: Selection) -> str:
    """Toolsets and their tools, and which tools this server has enabled."""
    here = {entry.name for entry in selection.entries()}
    parts = ["To enable other tools, start this MCP server with `--toolsets` or `--tools`.\n"]
    for toolset in TOOLSETS.values():
        rows = [
            (entry.name, "yes" if entry.name in here else "no", _does(entry.fn.__doc__))
            for entry in toolset.tools
        ]
        title = f"{toolset.description[:1].upper()}{toolset.description[1:]}."
        parts.append(f"## {toolset.name}\n\n{title}\n\n{table(('Tool', 'Enabled', 'What it does'), rows)}")
    return "\n".join(parts)


TOPICS: dict[str, Callable[[Selection], str]] = {
    "error-codes": error_codes,
    "reason-codes": reason_codes,
    "agent-states": agent_states,
    "participant-actions": participant_actions,
    "feeds": feeds,
    "limits": limits_page,
    "toolsets": toolsets,
}


def add_reference(mcp: FinesseServer, selection: Selection) -> None:
    """Register ``finesse://reference`` and its topics on ``mcp``."""

    @mcp.resource(REFERENCE, title="Reference", mime_type=MARKDOWN)
    async def contents() -> str:
        """List of the reference topics."""
        rows = [(f"{REFERENCE}/{topic}", page.__doc__ or "") for topic, page in TOPICS.items()]
        return f"# Reference\n\n{table(('Resource', 'Contents'), rows)}"

    @mcp.resource(REFERENCE_TEMPLATE, title="Reference page", mime_type=MARKDOWN)
    async def reference(topic: str) -> str:
        """One topic: error codes, reason codes, agent states, participant actions, feeds, limits, toolsets."""
        page = TOPICS.get(topic.strip().lower().replace("_", "-"))
        if page is None:
            raise ResourceNotFoundError(f"There is no such topic. Topics: {', '.join(TOPICS)}.")
        return f"# {topic}\n\n{page(selection)}"


def catalogue_of(family: str) -> list[CodeMeaning]:
    """Return the codes of one family."""
    return [meaning for meaning in CATALOGUE if meaning.family == family]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(str(cell).replace('|', '/') for cell in line)} |\n" for line in lines)


def _does(doc: str | None) -> str:
    return (doc or "").partition("\n")[0]


def _platforms(step: Transition) -> str:
    return ", ".join(step.platforms)


_TRAITS: dict[str, Callable[[PlatformTraits], str]] = {
    "sign-out from": lambda traits: ", ".join(sorted(traits.sign_out_from)),
    "READY requested during a call": lambda traits: "pending" if traits.pending_ready else "rejected",
    "agent state while a call is held": lambda traits: (
        "HOLD" if traits.hold_changes_agent_state else "TALKING"
    ),
    "calls that were not routed change the agent's state": lambda traits: _yes(traits.reports_other_calls),
    "call variables with make_call": lambda traits: _yes(traits.variables_on_make_call),
    "several wrap-up reasons per call": lambda traits: _yes(traits.several_wrap_up_reasons),
    "queue feeds": lambda traits: _yes(traits.queue_feeds),
    "media and tasks (chat, e-mail)": lambda traits: _yes(traits.media_feeds),
    "touch tones": lambda traits: traits.dtmf_characters,
    "reason of a NOT_READY set by a supervisor": lambda traits: str(traits.forced_not_ready_code),
    "largest reason code": lambda traits: str(traits.largest_reason_code),
}


def _platform_rows() -> list[tuple[str, ...]]:
    return [(what, *(tell(traits_of(platform)) for platform in Platform)) for what, tell in _TRAITS.items()]


def _yes(value: bool) -> str:
    return "yes" if value else "no"
