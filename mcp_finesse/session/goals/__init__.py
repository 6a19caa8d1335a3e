"""Goals: for each action the change of the state that proves it, one module for what belongs together."""

from mcp_finesse.session.goals.agent import SignedIn, StateIs
from mcp_finesse.session.goals.calls import CallData, Conferenced, DialogsLeft, NewCall, ParticipantIs
from mcp_finesse.session.goals.goal import Difference, Goal, Unseen, Verdict, View, own_participant
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

__all__ = [
    "CallData",
    "Conferenced",
    "DialogsLeft",
    "Difference",
    "Goal",
    "MediaIs",
    "MediaRoutable",
    "MediaSignedIn",
    "NewCall",
    "ParticipantIs",
    "SignedIn",
    "StateIs",
    "TaskIs",
    "TaskLeft",
    "Unseen",
    "Verdict",
    "View",
    "is_interrupted",
    "is_out",
    "own_participant",
    "task_actions",
    "task_participant",
]
