"""Sign-in with an extension, with a phone on a shared line, or as a mobile agent (guide p.29 to 32)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mcp_finesse.simulator.calls.setup import ANSWER_SECONDS
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.errors import (
    CtiError,
    bad_request,
    generic,
    invalid_input,
    not_implemented,
    parameter_missing,
)
from mcp_finesse.simulator.publishing.announcements import Cause
from mcp_finesse.simulator.world.agents import Agent
from mcp_finesse.simulator.world.devices import MOBILE_MODES, SignIn

NAILED_SECONDS = 30.0
"""Seconds for which the setup call of a nailed connection rings."""

E164 = re.compile(r"\+\d{1,14}")


@dataclass(frozen=True, slots=True, eq=False)
class SetupCall:
    """A ringing setup call of a nailed connection. The setup call reserves the extension for its agent.

    Attributes:
        extension: the extension at which the agent signs in when the call is answered.
        complete: a function that signs the agent in.
    """

    extension: str
    complete: Callable[[], None]


class SignIns:
    """Validates and executes sign-ins."""

    def __init__(
        self,
        state: ContactCenterState,
        publish_user: Callable[[Agent, str], None],
        announce: Callable[[Cause], None],
    ) -> None:
        self._state = state
        self._publish_user = publish_user
        self._announce = announce
        self._setup_calls: dict[str, SetupCall] = {}

    def check(self, wanted: SignIn) -> None:
        """Validate a sign-in, as Finesse does before it responds with 202.

        Raises:
            ApiProblem: the sign-in is invalid. Parameter Missing means that there is no extension. Bad Request
                means that the extension is not a number. Invalid Input means that another value is invalid. Not
                Implemented means that CCX has no mobile agents.
        """
        if not wanted.extension:
            raise parameter_missing("extension")
        e164 = self._state.rules.e164_extensions and E164.fullmatch(wanted.extension)
        if not wanted.extension.isdecimal() and not e164:
            raise bad_request("Invalid extension")
        if wanted.mobile is None:
            return
        if not self._state.rules.mobile_agents:
            raise not_implemented(self._state.rules.name, "mobileAgent")
        for name, value in (("mode", wanted.mobile.mode), ("dialNumber", wanted.mobile.dial_number)):
            if not value:
                raise parameter_missing(name)
        if wanted.mobile.mode not in MOBILE_MODES:
            raise invalid_input("mode")

    def carry_out(self, agent: Agent, wanted: SignIn, request_id: str) -> None:
        """Sign in. With a nailed connection the sign-in completes when the agent answers the setup call.

        Raises:
            CtiError: one of the errors Invalid Device, Device Busy or Mode Not Allowed.
        """
        self._require_device(agent, wanted)
        if wanted.mobile and not agent.record.mobile:
            raise CtiError("Mode Not Allowed", "CF_GENERIC_OPERATION_REJECTION", "71")
        node = self._state.receiving_node

        def complete() -> None:
            self._complete(agent, wanted, request_id, node)

        if wanted.mobile and wanted.mobile.mode == "NAILED_CONNECTION" and not agent.signed_in:
            self._ring(agent, wanted.mobile.dial_number, SetupCall(wanted.extension, complete))
        else:
            complete()
            self._setup_calls.pop(agent.id, None)

    def _require_device(self, agent: Agent, wanted: SignIn) -> None:
        world = self._state.world
        phones = {device.id for device in world.shared_lines.get(wanted.extension, ())}
        known = world.devices.get(wanted.extension, False)
        if not known or (wanted.device_id and wanted.device_id not in phones):
            raise CtiError("Invalid Device", "CF_INVALID_LOGON_DEVICE_SPECIFIED", "260")
        if self._is_taken(wanted.extension, agent):
            raise CtiError("Device Busy", "CF_SPECIFIED_EXTENSION_ALREADY_IN_USE", "283")

    def _is_taken(self, extension: str, agent: Agent) -> bool:
        """Return whether another agent is signed in or is signing in at an extension."""
        if self._state.agent_at(extension) not in (None, agent):
            return True
        return any(
            call.extension == extension for user_id, call in self._setup_calls.items() if user_id != agent.id
        )

    def _complete(self, agent: Agent, wanted: SignIn, request_id: str, node: object) -> None:
        was_signed_in = agent.signed_in
        agent.sign_in(wanted.extension, wanted.device_id, wanted.mobile, node)
        if was_signed_in:
            self._publish_user(agent, request_id)
        self._announce(Cause(request_id, agent.id))

    # The setup call of a nailed connection

    def _ring(self, agent: Agent, number: str, call: SetupCall) -> None:
        behaviour = self._state.world.lines.get(number)
        if behaviour == "busy":
            raise generic(14, "CF_INVALID_DESTINATION")

        def answer() -> None:
            if self._setup_calls.get(agent.id) is call:
                self.answered(agent.id)

        def time_out() -> None:
            if self._setup_calls.get(agent.id) is call:
                del self._setup_calls[agent.id]

        self._setup_calls[agent.id] = call
        if behaviour == "answers":
            self._state.after(ANSWER_SECONDS, answer)
        self._state.after(NAILED_SECONDS, time_out)

    def answered(self, user_id: str) -> bool:
        """Answer the setup call for the agent. Return whether a setup call was ringing."""
        call = self._setup_calls.pop(user_id, None)
        if call is None:
            return False
        call.complete()
        return True
