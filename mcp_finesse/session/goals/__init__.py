"""Goals: for each action the change of the state that proves it, one module for what belongs together."""

from mcp_finesse.session.goals.agent import SignedIn, StateIs
from mcp_finesse.session.goals.calls import CallData, Conferenced, DialogsLeft, NewCall, ParticipantIs
from mcp_finesse.session.goals.goal import (
    Comparison,
    Difference,
    Goal,
    Shortfall,
    Unseen,
    Verdict,
    View,
    is_on_call,
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
from mcp_finesse.session.goals.tasks import (
    MediaIs,
    MediaRoutable,
    MediaSignedIn,
    TaskIs,
    TaskLeft,
    is_interrupted,
    is_out,
    task_actions,
    task_participant,
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
    "MediaIs",
    "MediaRoutable",
    "MediaSignedIn",
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
    "Shortfall",
    "SignedIn",
    "StateIs",
    "TaskIs",
    "TaskLeft",
    "Unseen",
    "Verdict",
    "View",
    "agent_of",
    "is_interrupted",
    "is_on_call",
    "is_out",
    "own_participant",
    "response_of",
    "task_actions",
    "task_participant",
]
