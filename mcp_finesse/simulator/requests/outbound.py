"""Validates requests on outbound campaigns, as Finesse does before it responds with 202 (guide p.108 to 114)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mcp_finesse.simulator.calls.calls import Call, Party
from mcp_finesse.simulator.calls.outbound import Outbound
from mcp_finesse.simulator.errors import invalid_input, parameter_missing
from mcp_finesse.simulator.requests.calls import CallRequests, Check, DialogRequest
from mcp_finesse.simulator.requests.requests import Job, call_job
from mcp_finesse.simulator.world.agents import Agent

CLASSIFICATIONS = ("VOICE", "FAX", "ANS_MACHINE", "INVALID", "BUSY", "DO_NOT_CALL")
CALLBACK = ("callbackTime", "callbackNumber")
CALLBACK_TIME = "%Y-%m-%dT%H:%M"


class OutboundRequests:
    """Validates actions on calls of campaigns, and turns them into jobs for CTI."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound

    def checks(self) -> dict[str, Check]:
        """Return the validators by action."""
        answers: dict[str, Check] = dict.fromkeys(("ACCEPT", "CLOSE", "REJECT"), self._answer)
        return answers | {
            "RECLASSIFY": self._reclassify,
            "UPDATE_SCHEDULED_CALLBACK": self._schedule,
            "CANCEL_SCHEDULED_CALLBACK": self._cancel,
        }

    def _answer(self, acting: Agent, call: Call, party: Party, request: DialogRequest) -> Job:
        return self._job(
            acting, call, request, lambda id_: self._outbound.answer(request.action, call, party, id_)
        )

    def _reclassify(self, acting: Agent, call: Call, party: Party, request: DialogRequest) -> Job:
        wanted = request.parameters.get("outboundClassification", "")
        if not wanted:
            raise parameter_missing("outboundClassification")
        if wanted not in CLASSIFICATIONS:
            raise invalid_input("outboundClassification")
        return self._job(
            acting, call, request, lambda id_: self._outbound.reclassify(call, party, wanted, id_)
        )

    def _schedule(self, acting: Agent, call: Call, party: Party, request: DialogRequest) -> Job:
        callback = {name: request.parameters[name] for name in CALLBACK if request.parameters.get(name)}
        if not callback:
            raise parameter_missing("callbackTime")
        if "callbackTime" in callback and not _is_time(callback["callbackTime"]):
            raise invalid_input("callbackTime")
        return self._job(
            acting, call, request, lambda id_: self._outbound.schedule(call, party, callback, id_)
        )

    def _cancel(self, acting: Agent, call: Call, party: Party, request: DialogRequest) -> Job:
        return self._job(acting, call, request, lambda id_: self._outbound.cancel_callback(call, party, id_))

    @staticmethod
    def _job(acting: Agent, call: Call, request: DialogRequest, run: Callable[[str], None]) -> Job:
        CallRequests.check_target(acting, call, request)
        keys = frozenset({f"dialog {call.id}", f"device {acting.extension}"})
        return call_job(request.action, acting, call.id, keys, run)


def _is_time(text: str) -> bool:
    """Return whether the text is ``YYYY-MM-DDTHH:MM``, without a time zone."""
    try:
        return datetime.strptime(text, CALLBACK_TIME).strftime(CALLBACK_TIME) == text
    except ValueError:
        return False
