"""Goals: for each action the change of the state that proves it, one module for what belongs together."""

from mcp_finesse.session.goals.agent import SignedIn, StateIs
from mcp_finesse.session.goals.calls import CallData, Conferenced, DialogsLeft, NewCall, ParticipantIs
from mcp_finesse.session.goals.goal import (
    Comparison,
    Difference,
    Goal,
    Unseen,
    Verdict,
    View,
    own_participant,
)
from mcp_finesse.session.goals.outbound import (
    CallbackIs,
    NoCallback,
    PreviewAccepted,
    PreviewGone,
    Reclassified,
    response_of,
)
from mcp_finesse.session.goals.supervision import (
    AgentStateIs,
    BargedIn,
    Monitoring,
    ParticipantGone,
    agent_of,
)
from mcp_finesse.session.goals.team_messages import MessageGone, MessageShown

__all__ = [
    "AgentStateIs",
    "BargedIn",
    "CallData",
    "CallbackIs",
    "Comparison",
    "Conferenced",
    "DialogsLeft",
    "Difference",
    "Goal",
    "MessageGone",
    "MessageShown",
    "Monitoring",
    "NewCall",
    "NoCallback",
    "ParticipantGone",
    "ParticipantIs",
    "PreviewAccepted",
    "PreviewGone",
    "Reclassified",
    "SignedIn",
    "StateIs",
    "Unseen",
    "Verdict",
    "View",
    "agent_of",
    "own_participant",
    "response_of",
]
