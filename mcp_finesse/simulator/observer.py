"""The interface through which an observer follows what a simulator receives, does and sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mcp_finesse.simulator.errors import ErrorDetails
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.simulator.requests.requests import Job


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as received, without the password, so that tests can check what a client sent.

    ``user_id`` is the user name in the credentials, whether or not they are valid.
    """

    method: str
    path: str
    query: str
    body: bytes
    request_id: str
    user_id: str


class Observer(Protocol):
    """Follows a simulation. Methods are called on the event loop and must return quickly.

    ``node`` is the XMPP domain of the Finesse node.
    """

    def request_received(self, node: str, request: RecordedRequest) -> None:
        """Record that REST received a request."""

    def response_sent(self, node: str, request: RecordedRequest, status: int, body: str) -> None:
        """Record that REST responded to a request. Status 0 means that a fault withholds the response."""

    def command_queued(self, job: Job, request_id: str) -> None:
        """Record that a validated request was passed to CTI."""

    def command_rejected(self, job: Job, details: ErrorDetails, request_id: str) -> None:
        """Record that CTI rejected a request after the 202 response."""

    def state_changed(self, request_id: str) -> None:
        """Record that agents, calls or tasks may have changed."""

    def event_published(self, node: str, publication: Publication, receivers: int) -> None:
        """Record that the Notification Service sent a notification to this number of XMPP sessions."""

    def event_altered(self, node: str, publication: Publication, fault: str) -> None:
        """Record that a fault (lose, duplicate, malformed, swap) affects a notification."""
