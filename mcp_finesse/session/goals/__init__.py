"""Goals: for each action the change of the state that proves it, one module for what belongs together."""

from mcp_finesse.session.goals.agent import SignedIn, StateIs
from mcp_finesse.session.goals.calls import CallData, Conferenced, DialogsLeft, NewCall, ParticipantIs
from mcp_finesse.session.goals.goal import Difference, Goal, Unseen, Verdict, View, own_participant

__all__ = [
    "CallData",
    "Conferenced",
    "DialogsLeft",
    "Difference",
    "Goal",
    "NewCall",
    "ParticipantIs",
    "SignedIn",
    "StateIs",
    "Unseen",
    "Verdict",
    "View",
    "own_participant",
]
