"""The precondition and the effect of each action on a dialog (guide p.83 to 114, 125 to 127).

The participant's list of actions states which actions are allowed now. This table describes when an action
appears in that list.
"""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.model.platform import Platform, traits_of
from mcp_finesse.model.states import CallAction, ParticipantState

_A = CallAction
_P = ParticipantState


@dataclass(frozen=True, slots=True)
class ActionRule:
    """The precondition and the effect of an action.

    Attributes:
        action: the name of the action, in requests and in a participant's list.
        needs: the precondition, in words.
        leads_to: the effect, in words.
        becomes: the resulting state of the acting participant, if that state alone proves that the action
            succeeded.
        confirmed: whether a notification shows that the action took effect.
        tasks_only: whether the action exists only for nonvoice tasks.
    """

    action: CallAction
    needs: str
    leads_to: str
    becomes: ParticipantState | None = None
    confirmed: bool = True
    tasks_only: bool = False

    def exists_on(self, platform: Platform) -> bool:
        """Return whether a platform has this action."""
        traits = traits_of(platform)
        return self.action not in traits.foreign_actions and (traits.media_feeds or not self.tasks_only)


_RULES = (
    ActionRule(_A.MAKE_CALL, "a signed-in agent, READY or NOT_READY", "a new call is dialed"),
    ActionRule(_A.ANSWER, "a call that is ALERTING for the agent", "the agent is ACTIVE on the call", _P.ACTIVE),
    ActionRule(_A.HOLD, "the agent is ACTIVE on the call", "the agent is HELD on the call", _P.HELD),
    ActionRule(_A.RETRIEVE, "the agent is HELD on the call and ACTIVE on no other call",
               "the agent is ACTIVE on the call", _P.ACTIVE),
    ActionRule(_A.DROP, "the agent is INITIATING, INITIATED, ACTIVE, HELD or FAILED on the call",
               "the agent leaves; a call with two parties ends, and wrap-up may follow"),
    ActionRule(_A.CONSULT_CALL, "the agent is ACTIVE on the call (RETRIEVE a held call first)",
               "the call is HELD, and a second call to the colleague exists"),
    ActionRule(_A.TRANSFER, "one HELD and one ACTIVE call; request the action on the HELD call",
               "the other two parties are connected, and the agent leaves both calls"),
    ActionRule(_A.CONFERENCE, "one HELD and one ACTIVE call, controlled by the agent; request the "
    "action on the HELD call",
               "all parties are on one call, and the other call ends"),
    ActionRule(_A.TRANSFER_SST, "the agent is ACTIVE on the call",
               "the call is connected to the number, and the agent leaves the call"),
    ActionRule(_A.SEND_DTMF, "the agent is ACTIVE on the call", "tones are sent; the call does not change",
               confirmed=False),
    ActionRule(_A.UPDATE_CALL_DATA, "a routed call that the agent is on or wraps up",
               "the call variables and the wrap-up reason change"),
    ActionRule(_A.SILENT_MONITOR,
               "a supervisor who is NOT_READY and has no call, and a TALKING agent of the supervisor's teams",
               "a call of type SUPERVISOR_MONITOR exists"),
    ActionRule(_A.BARGE_CALL, "a supervisor who is already monitoring the call",
               "the call becomes a conference with the supervisor"),
    ActionRule(_A.PARTICIPANT_DROP,
               "a conference on UCCE, and the role supervisor or permission by the administrator",
               "the participant is no longer on the conference"),
    ActionRule(_A.START_RECORDING, "on UCCX, an agent who is on the call or monitors it, and who is not HELD",
               "the call is recorded, which the data of the call does not show", confirmed=False),
    ActionRule(_A.ACCEPT, "an offered preview or task", "the preview is dialed, or the task is ACCEPTED"),
    ActionRule(_A.REJECT, "an offered preview", "the contact may be offered again"),
    ActionRule(_A.CLOSE, "an offered preview, or a task", "the contact or the task is closed"),
    ActionRule(_A.RECLASSIFY, "a call of a direct preview campaign, also in wrap-up",
               "the call variable BAResponse changes"),
    ActionRule(_A.UPDATE_SCHEDULED_CALLBACK, "a call of a campaign that allows callbacks",
               "the call shows the time and number of the callback"),
    ActionRule(_A.CANCEL_SCHEDULED_CALLBACK, "a callback scheduled on the call", "the call shows no callback"),
    ActionRule(_A.START, "an ACCEPTED task", "the task is ACTIVE", _P.ACTIVE, tasks_only=True),
    ActionRule(_A.PAUSE, "an ACTIVE task", "the task is PAUSED", tasks_only=True),
    ActionRule(_A.RESUME, "a PAUSED task", "the task is ACTIVE", _P.ACTIVE, tasks_only=True),
    ActionRule(_A.WRAP_UP, "an ACTIVE or PAUSED task", "the task is WRAPPING_UP", tasks_only=True),
)  # fmt: skip

ACTION_RULES: dict[CallAction, ActionRule] = {rule.action: rule for rule in _RULES}
"""The precondition and the effect of every action. The keys are actions."""
