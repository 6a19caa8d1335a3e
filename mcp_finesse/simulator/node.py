"""The state that each Finesse server has for itself. All other state is in the shared contact center.

Every node has its own CTI connection. Each node therefore sees every change and notifies its own subscribers.
Only the node that received a request knows the request id, and only that node learns of a failure of the
request.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from mcp_finesse.simulator.authentication import CredentialCache
from mcp_finesse.simulator.calls.forced_logout import PresenceWatch
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.errors import ApiProblem, ErrorDetails
from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.publishing.announcements import UNSOLICITED, Announcer, Cause
from mcp_finesse.simulator.publishing.feeds import Feeds
from mcp_finesse.simulator.publishing.publication import AuthResult, Publication
from mcp_finesse.simulator.publishing.task_announcements import TaskAnnouncer
from mcp_finesse.simulator.requests.requests import Job
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.system_info import CTI, Address, Maintenance, SystemInfo
from mcp_finesse.simulator.tasks.board import TaskBoard
from mcp_finesse.simulator.timing import Clock, Later
from mcp_finesse.simulator.world.agents import Agent

NOTIFICATIONS = "Notification Service"
FINESSE = "Finesse"
REMEMBERED_IDS = 1000


class SharedState(Protocol):
    """The interface through which a node uses the shared contact center. ``ContactCenter`` implements it."""

    @property
    def state(self) -> ContactCenterState:
        """Agents and calls."""

    @property
    def tasks(self) -> TaskBoard:
        """Tasks on digital channels."""

    @property
    def feeds(self) -> Feeds:
        """The pubsub nodes, and the users who may subscribe to each node."""

    @property
    def addresses(self) -> list[Address]:
        """The addresses of all nodes. The address of the primary node comes first."""

    @property
    def cti_is_silent(self) -> bool:
        """Whether CTI is lost although no node has noticed the loss yet."""

    def authenticate(self, user_id: str, password: str) -> AuthResult:
        """Check a user id and password, and count the attempt."""

    def announce(self) -> None:
        """Let agents and queues react to a change, then publish it on all nodes."""


class FinesseNode:
    """The state of one node, without its sockets. Created by ``ContactCenter.add_node``.

    Attributes:
        settings: settings of this node.
        faults: faults to inject on this node.
        publish: a function that receives every notification of this node. The owner of the Notification Service
            sets it.
        address: the node's address as shown in SystemInfo.
        system: the service state.
        incarnation: a token that identifies node-local data. When CTI is lost or Finesse restarts, a new token
            makes all earlier node-local data unknown.
    """

    def __init__(
        self, center: SharedState, settings: SimulatorSettings, faults: Faults, clock: Clock, later: Later
    ) -> None:
        self.settings = settings
        self.faults = faults
        self.faults.on_out_of_service = self.set_in_service
        self.publish: Callable[[Publication], None] = lambda _publication: None
        self.address = Address(settings.domain)
        self.system = SystemInfo(settings, clock, lambda: center.addresses)
        self.incarnation = object()
        self._center = center
        self._later = later
        self._announcer = Announcer(center.state, self.emit, lambda: self.incarnation)
        self._tasks = TaskAnnouncer(center.tasks, self.emit, lambda: self.incarnation)
        self._presence = PresenceWatch(center.state, lambda: self.in_service, center.announce)
        self._credentials = CredentialCache(center.authenticate, clock, settings.time_scale)
        self._request_ids: deque[str] = deque(maxlen=REMEMBERED_IDS)

    # Called by REST and the Notification Service

    def authenticate(self, user_id: str, password: str) -> AuthResult:
        """Check a user id and password for XMPP, and count the attempt."""
        return self._center.authenticate(user_id, password)

    def authenticate_request(self, user_id: str, password: str) -> bool:
        """Check a user id and password for REST, and count the attempt.

        Raises:
            ApiProblem: status 500, if the user database is lost and the user is not in the cache.
        """
        return self._credentials.check(user_id, password) is AuthResult.OK

    def presence(self, user_id: str, available: bool) -> None:
        """Handle the end of a user's last XMPP session on this node, or the start of the first XMPP session."""
        if not self.halted:
            self._presence.change(user_id, available)

    def automatic_nodes(self, user_id: str) -> Iterable[str]:
        """Return the nodes to which a user is subscribed automatically."""
        return self._center.feeds.automatic(user_id)

    def known_node(self, node: str) -> bool:
        """Return whether a pubsub node of this name exists."""
        return self._center.feeds.known(node)

    def entitled(self, user_id: str, node: str) -> bool:
        """Return whether a user may use REST to read the object that a pubsub node publishes."""
        return self._center.feeds.entitled(user_id, node)

    def require_cti(self) -> None:
        """Check that CTI is present, because every change requires CTI.

        Raises:
            ApiProblem: status 500, if CTI is lost and the node has not noticed the loss yet. After the node has
                noticed the loss, REST responds with status 503.
        """
        if self._center.cti_is_silent:
            raise ApiProblem(500, "Internal Server Error", "RUNTIME_EXCEPTION")

    # Publishing

    def remember(self, request_id: str) -> str:
        """Record and return the id of a request to this node. If a fault drops request ids, return an empty string."""
        if not request_id or self.faults.drop_request_id:
            return ""
        self._request_ids.append(request_id)
        return request_id

    def announce(self, cause: Cause = UNSOLICITED) -> None:
        """Publish all changes, unless this node has lost CTI."""
        if self._has_cti:
            known = self._known(cause.request_id)
            self._announcer.announce(Cause(known, cause.user_id))
            self._tasks.announce(known)

    def publish_user(self, agent: Agent, request_id: str = "") -> None:
        """Publish a User, even if it has not changed."""
        if self._has_cti:
            self._announcer.publish_user(agent, self._known(request_id))

    def relay(self, publication: Publication) -> None:
        """Publish a notification created by the contact center."""
        if self._has_cti:
            self.emit(publication)

    def publish_unchanged(self, job: Job, request_id: str) -> None:
        """Publish an intermediate event, which contains the object of a request before it changes."""
        if job.dialog_id:
            self._announcer.publish_dialog(job.user_id, job.dialog_id, request_id)
        else:
            self._announcer.publish_user(self._center.state.agents[job.user_id], request_id)

    def publish_error(self, job: Job, details: ErrorDetails, request_id: str) -> None:
        """Publish the failure of a request that this node received."""
        if self._has_cti:
            self._announcer.publish_error(job.node, job.source, job.user_id, details, request_id)

    def emit(self, publication: Publication) -> None:
        """Publish a notification after applying the injected faults."""
        self.faults.deliver(publication, self.publish, self._later)

    @property
    def _has_cti(self) -> bool:
        return self.in_service and not self._center.cti_is_silent

    def _known(self, request_id: str) -> str:
        return request_id if request_id in self._request_ids else ""

    # Service state

    @property
    def in_service(self) -> bool:
        """Whether this node is in service. If not, the REST API of the node responds with 503."""
        return self.system.in_service

    def set_in_service(self, in_service: bool, reason: str = "CTI server is unreachable") -> None:
        """Lose or regain CTI on this node."""
        if in_service:
            self.regain(CTI)
        else:
            self.lose(CTI, reason)

    def lose(self, part: str, reason: str) -> None:
        """Record the loss of a dependency. Publish SystemInfo if the loss puts the node out of service."""
        if part == CTI:
            self.incarnation = object()
        if self.system.lose(part, reason):
            self._announcer.publish_system_info(self.system.xml())
        if part == NOTIFICATIONS:
            self._presence.clear()

    def regain(self, part: str) -> None:
        """Record that a dependency is back. If no dependency is missing, publish SystemInfo and the latest state."""
        if self.system.regain(part):
            self._announcer.publish_system_info(self.system.xml())
            self._announcer.announce(UNSOLICITED, everything=True)
            self._tasks.announce()

    @property
    def halted(self) -> bool:
        """Whether the Finesse process is stopped."""
        return self.system.misses(FINESSE)

    def halt(self, reason: str) -> None:
        """Stop the Finesse process without any notification."""
        self.system.lose(FINESSE, reason)
        self._presence.clear()

    def boot(self) -> None:
        """Start a new Finesse process. The new process has no record of earlier notifications or requests."""
        self.incarnation = object()
        self._announcer = Announcer(self._center.state, self.emit, lambda: self.incarnation)
        self._tasks = TaskAnnouncer(self._center.tasks, self.emit, lambda: self.incarnation)
        self._request_ids.clear()
        self._credentials.clear()
        self.regain(FINESSE)

    def set_maintenance(self, phase: Maintenance | None) -> None:
        """Enter a phase of maintenance mode, or leave the mode if the phase is ``None``. Publish SystemInfo.

        Raises:
            RuntimeError: the platform is CCX, which has no maintenance mode.
        """
        self._require_cce("maintenance mode")
        self.system.set_maintenance(phase)
        if not self.halted:
            self._announcer.publish_system_info(self.system.xml())

    def lose_user_database(self, lost: bool) -> None:
        """Lose or regain the user database (AWDB).

        Raises:
            RuntimeError: the platform is CCX, which has no such database.
        """
        self._require_cce("administration database of its own")
        self._credentials.database_is_lost = lost

    def _require_cce(self, what: str) -> None:
        if self.settings.platform != "UCCE":
            raise RuntimeError(f"CCX has no {what}; only CCE has")
