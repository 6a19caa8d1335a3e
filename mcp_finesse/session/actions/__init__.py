"""Actions: what an agent can ask for, one module for what belongs together."""

from mcp_finesse.session.actions.action import Action, Send, Step
from mcp_finesse.session.actions.agent import change_state, sign_in, sign_out
from mcp_finesse.session.actions.calls import (
    answer_call,
    conference_call,
    consult_call,
    end_call,
    hold_call,
    make_call,
    retrieve_call,
    send_dtmf,
    transfer_call,
    update_call_data,
    wrap_up_call,
)
from mcp_finesse.session.actions.tasks import (
    act_on_task,
    change_media_state,
    make_routable,
    sign_in_media,
    sign_out_media,
    transfer_task,
)

__all__ = [
    "Action",
    "Send",
    "Step",
    "act_on_task",
    "answer_call",
    "change_media_state",
    "change_state",
    "conference_call",
    "consult_call",
    "end_call",
    "hold_call",
    "make_call",
    "make_routable",
    "retrieve_call",
    "send_dtmf",
    "sign_in",
    "sign_in_media",
    "sign_out",
    "sign_out_media",
    "transfer_call",
    "transfer_task",
    "update_call_data",
    "wrap_up_call",
]
