"""Precondition and effect of each action on a dialog (guide p.83 to 114, 125 to 127).

Which actions are allowed now is stated by Finesse in the participant's list of actions. This table describes when
an action appears in that list.
"""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.model.platform import Platform, traits_of
from mcp_finesse.model.states import CallAction, ParticipantState

_A = CallAction
_P = ParticipantState


@dataclass(frozen=True, slots=True)
class ActionRule:
    """The rule of an action.

    Attributes:
        action: its name, in requests and in a participant's list.
        needs: precondition, in words.
        leads_to: effect, in words.
        becomes: the resulting state of the acting participant, if that alone proves the action.
        confirmed: False if no notification ever shows that it took effect.
        tasks_only: whether it exists only for nonvoice tasks.
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
    ActionRule(_A.MAKE_CALL, "a signed-in agent, READY or NOT_READY", "a new dialog, dialling"),
    ActionRule(_A.ANSWER, "own participant ALERTING", "own participant ACTIVE", _P.ACTIVE),
    ActionRule(_A.HOLD, "own participant ACTIVE", "own participant HELD", _P.HELD),
    ActionRule(_A.RETRIEVE, "own participant HELD, no other call ACTIVE", "own participant ACTIVE", _P.ACTIVE),
    ActionRule(_A.DROP, "own participant INITIATING, INITIATED, ACTIVE, HELD or FAILED",
               "the agent leaves; a call of two ends, then perhaps wrap-up"),
    ActionRule(_A.CONSULT_CALL, "own participant ACTIVE (RETRIEVE a held call first)",
               "this call HELD, and a second dialog with the colleague"),
    ActionRule(_A.TRANSFER, "one call HELD and one ACTIVE; asked on the HELD one",
               "both calls become one between the other two, and leave the agent"),
    ActionRule(_A.CONFERENCE, "one call HELD and one ACTIVE, own participant the controller; asked on the HELD one",
               "one dialog with everybody, the other dialog ends"),
    ActionRule(_A.TRANSFER_SST, "own participant ACTIVE", "the call goes to the number, and leaves the agent"),
    ActionRule(_A.SEND_DTMF, "own participant ACTIVE", "tones; nothing shows in the dialog", confirmed=False),
    ActionRule(_A.UPDATE_CALL_DATA, "own participant on the call or in WRAP_UP; a routed call",
               "the call variables and the wrap-up reason of the dialog change"),
    ActionRule(_A.SILENT_MONITOR, "role supervisor, NOT_READY, without a call; the agent of the own team TALKING",
               "a dialog of type SUPERVISOR_MONITOR"),
    ActionRule(_A.BARGE_CALL, "role supervisor, who monitors the call already",
               "the call becomes a conference with the supervisor"),
    ActionRule(_A.PARTICIPANT_DROP, "UCCE; in a conference; the role supervisor, or the administrator's permission",
               "the participant named is out of the conference"),
    ActionRule(_A.START_RECORDING, "UCCX; on the call, or monitoring it; not HELD",
               "the call is recorded; nothing shows in the dialog", confirmed=False),
    ActionRule(_A.ACCEPT, "a preview or a task that is offered",
               "a preview is dialled; a task is ACCEPTED"),
    ActionRule(_A.REJECT, "a preview that is offered", "the record may be offered to somebody again"),
    ActionRule(_A.CLOSE, "a preview that is offered, or a task", "the record or the task is closed"),
    ActionRule(_A.RECLASSIFY, "a call of a direct preview campaign, also in wrap-up",
               "the call variable BAResponse changes"),
    ActionRule(_A.UPDATE_SCHEDULED_CALLBACK, "a call of a campaign that allows callbacks",
               "the dialog carries the time and number of the callback"),
    ActionRule(_A.CANCEL_SCHEDULED_CALLBACK, "a callback scheduled on the call",
               "the dialog carries no callback any more"),
    ActionRule(_A.START, "a task ACCEPTED", "the task is ACTIVE", _P.ACTIVE, tasks_only=True),
    ActionRule(_A.PAUSE, "a task ACTIVE", "the task is PAUSED", tasks_only=True),
    ActionRule(_A.RESUME, "a task PAUSED", "the task is ACTIVE", _P.ACTIVE, tasks_only=True),
    ActionRule(_A.WRAP_UP, "a task ACTIVE or PAUSED", "the task is WRAPPING_UP", tasks_only=True),
)  # fmt: skip

ACTION_RULES: dict[CallAction, ActionRule] = {rule.action: rule for rule in _RULES}
"""The rules by action."""
