"""The contact centre: one object that the doors (REST, Notification Service), tests and the demo talk to."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from mcp_finesse.simulator.announcements import (
    SYSTEM_INFO,
    UNSOLICITED,
    Announcer,
    Cause,
    dialogs_node,
    team_node,
    user_node,
)
from mcp_finesse.simulator.authentication import Authentication
from mcp_finesse.simulator.call_control import CallControl
from mcp_finesse.simulator.call_data import CallDataRules
from mcp_finesse.simulator.call_intake import CallIntake
from mcp_finesse.simulator.call_setup import CallSetup
from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.floor import Floor
from mcp_finesse.simulator.forced_logout import PresenceWatch
from mcp_finesse.simulator.intake import Job, UserIntake
from mcp_finesse.simulator.outbound import Outbound
from mcp_finesse.simulator.outbound_intake import OutboundIntake
from mcp_finesse.simulator.outside import Outside
from mcp_finesse.simulator.platforms import PLATFORMS
from mcp_finesse.simulator.problems import CtiError, ErrorWords
from mcp_finesse.simulator.publication import AuthResult, Publication
from mcp_finesse.simulator.puppets import Puppet
from mcp_finesse.simulator.queue_board import QueueBoard
from mcp_finesse.simulator.queue_statistics import statistics
from mcp_finesse.simulator.request_queue import RequestQueue
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.supervision import Supervision
from mcp_finesse.simulator.supervision_intake import SupervisionIntake
from mcp_finesse.simulator.system_info import SystemInfo
from mcp_finesse.simulator.timing import Clock, Later
from mcp_finesse.simulator.truth import truth
from mcp_finesse.simulator.world import World, default_world


class ContactCenter(Outside):
    """Agents, calls and their rules. Nothing here touches a socket or sleeps.

    Args:
        later: does everything that takes time.
        clock: seconds since the epoch.
        settings: platform, domain, delay between 202 and outcome, time scale.
        world: who and what there is; the default is team 310 "North".
        faults: what is to go wrong.

    Attributes:
        publish: receives every notification; set by the Notification Service.
        users: takes requests on User objects.
        calls: takes requests on calls.
        supervision: takes what supervisors ask about calls.
        queues: who belongs to which queue, and what their feeds tell.
        outbound: the dialer, and what became of the records of campaigns.
        floor: the state of agents and calls.
        system: the service state.
        attempts: every try to authenticate, over REST and XMPP, newest last.
    """

    def __init__(
        self,
        *,
        later: Later,
        clock: Clock = time.time,
        settings: SimulatorSettings | None = None,
        world: World | None = None,
        faults: Faults | None = None,
    ) -> None:
        self.settings = settings or SimulatorSettings()
        self.world = world or default_world()
        self.faults = faults or Faults()
        self.faults.on_out_of_service = self.set_in_service
        self.publish: Callable[[Publication], None] = lambda _publication: None
        self._later = later
        self._rules = PLATFORMS[self.settings.platform]
        self.system = SystemInfo(self.settings, clock)
        self.floor = Floor(self.world, self._rules, clock, later, self.settings.time_scale)
        self.floor.changed = lambda request_id: self._announce(Cause(request_id))
        self._announcer = Announcer(self.floor, self._emit)
        self._setup = CallSetup(self.floor)
        self.users = UserIntake(self.floor, self._announcer, self._announce)
        control = CallControl(self.floor, self._setup)
        data_rules = CallDataRules(self.world.ecc_variables)
        self.calls = CallIntake(self.floor, self.users, self._setup, control, data_rules)
        self.supervision = SupervisionIntake(self.floor, self.users, Supervision(self.floor))
        self.outbound = Outbound(self.floor, self._setup)
        self.calls.more |= self.supervision.checks() | OutboundIntake(self.outbound).checks()
        self.queues = QueueBoard(self.floor, self._emit_in_service)
        self._queue = RequestQueue(later, lambda: self.settings.delay)
        self._presence = PresenceWatch(self.floor, self._announce)
        passwords = {record.id: record.password for record in self.world.agents}
        self._authentication = Authentication(passwords, clock, self.settings.time_scale)
        self.attempts = self._authentication.attempts

    # Identity and presence

    def authenticate(self, user_id: str, password: str) -> AuthResult:
        """Check an id and a password, and count the attempt."""
        return self._authentication.check(user_id, password)

    def presence(self, user_id: str, available: bool) -> None:
        """The last session of a user went (forced sign-out in 60 s), or the first one came."""
        self._presence.change(user_id, available)

    def automatic_nodes(self, user_id: str) -> list[str]:
        """Feeds that every session of a user gets without subscribing (bare-JID subscriptions)."""
        media = [f"{user_node(user_id)}/Media"] if self._rules.queue_and_media_feeds else []
        return [user_node(user_id), dialogs_node(user_id), *media, SYSTEM_INFO]

    def known_node(self, node: str) -> bool:
        """Whether a pubsub node of this name exists."""
        nodes = {SYSTEM_INFO, *(team_node(team.id) for team in self.world.teams)}
        for agent_id in self.floor.agents:
            nodes |= {*self.automatic_nodes(agent_id), f"{user_node(agent_id)}/ClientLog"}
        if self._rules.queue_and_media_feeds:
            nodes |= {f"/finesse/api/Queue/{queue.id}" for queue in self.world.queues}
            for agent_id in self.floor.agents:
                nodes |= {f"{user_node(agent_id)}/Queues", f"{dialogs_node(agent_id)}/Media"}
        return node in nodes

    # Service state

    @property
    def in_service(self) -> bool:
        """Whether Finesse is in service; REST answers 503 otherwise."""
        return self.system.in_service

    def set_in_service(self, in_service: bool, reason: str = "CTI server is unreachable") -> None:
        """Go out of service, or come back and publish the last state of everything."""
        if not self.system.change(in_service, reason):
            return
        self._announcer.tell_system_info(self.system.xml())
        if in_service:
            self._announce(UNSOLICITED, everything=True)

    # Requests of agents, already checked

    def carry_out(self, job: Job, request_id: str = "", done: Callable[[], None] = lambda: None) -> None:
        """Queue a job for CTI: it waits for its object and its device, then for ``settings.delay``.

        ``done`` is called when the outcome has been published.
        """
        known_id = "" if self.faults.drop_request_id else request_id
        intermediate = self.faults.take_intermediate()
        if intermediate:
            self._queue.put(job.keys, lambda: self._tell_unchanged(job, known_id))
        outcome_id = "" if intermediate else known_id
        self._queue.put(job.keys, lambda: self._finish(job, outcome_id, done))

    def _finish(self, job: Job, request_id: str, done: Callable[[], None]) -> None:
        try:
            self._run(job, request_id)
        finally:
            done()

    def _run(self, job: Job, request_id: str) -> None:
        if failure := self.faults.take_failure(job.action):
            self._tell_error(job, failure.words, request_id if failure.with_request_id else "")
            return
        try:
            job.run(request_id)
        except CtiError as error:
            self._tell_error(job, error.words, request_id)

    def _tell_error(self, job: Job, words: ErrorWords, request_id: str) -> None:
        if self.in_service:
            self._announcer.tell_error(job.node, job.source, job.user_id, words, request_id)

    def _tell_unchanged(self, job: Job, request_id: str) -> None:
        if job.dialog_id:
            self._announcer.tell_dialog(job.user_id, job.dialog_id, request_id)
        else:
            self._announcer.tell_user(self.floor.agents[job.user_id], request_id)

    # Announcing

    def _announce(self, cause: Cause = UNSOLICITED, everything: bool = False) -> None:
        """Everybody reacts to what changed, is told, and waiting calls find the agents now READY."""
        self.floor.settle()
        if self.in_service:
            self._announcer.announce(cause, everything)
            self.queues.follow()
        if self._setup.route():
            self._announce()

    def _emit(self, publication: Publication) -> None:
        self.faults.deliver(publication, self.publish, self._later)

    def _emit_in_service(self, publication: Publication) -> None:
        if self.in_service:
            self._emit(publication)

    # Colleagues, and the truth

    def colleague(self, user_id: str) -> Puppet:
        """An agent played by a test or the demo, under the same rules as over REST."""
        return Puppet(self, self.floor.agents[user_id])

    def truth(self) -> dict[str, Any]:
        """A plain snapshot of users and dialogs, to compare with what a client believes."""
        return truth(self.floor, self.in_service) | {
            "records": self.outbound.truth(),
            "queues": {queue.id: statistics(queue, self.floor) for queue in self.world.queues},
        }
