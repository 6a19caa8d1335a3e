"""Actions of the agent: what each one sends, what confirms it, and its execution from preflight to outcome."""

from mcp_finesse.session.actions.action import Action, Send, Step
from mcp_finesse.session.actions.agent import change_state, sign_in, sign_in_mobile, sign_out
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
from mcp_finesse.session.actions.outbound import (
    answer_preview,
    cancel_callback,
    reclassify_call,
    schedule_callback,
)
from mcp_finesse.session.actions.supervision import (
    barge_call,
    change_agent_state,
    drop_participant,
    monitor_call,
    sign_out_agent,
    start_recording,
)
from mcp_finesse.session.actions.tasks import (
    act_on_task,
    change_media_state,
    make_routable,
    sign_in_media,
    sign_out_media,
    transfer_task,
)
from mcp_finesse.session.actions.team_messages import delete_team_message, send_team_message

__all__ = [
    "Action",
    "Send",
    "Step",
    "act_on_task",
    "answer_call",
    "answer_preview",
    "barge_call",
    "cancel_callback",
    "change_agent_state",
    "change_media_state",
    "change_state",
    "conference_call",
    "consult_call",
    "delete_team_message",
    "drop_participant",
    "end_call",
    "hold_call",
    "make_call",
    "make_routable",
    "monitor_call",
    "reclassify_call",
    "retrieve_call",
    "schedule_callback",
    "send_dtmf",
    "send_team_message",
    "sign_in",
    "sign_in_media",
    "sign_in_mobile",
    "sign_out",
    "sign_out_agent",
    "sign_out_media",
    "start_recording",
    "transfer_call",
    "transfer_task",
    "update_call_data",
    "wrap_up_call",
]
