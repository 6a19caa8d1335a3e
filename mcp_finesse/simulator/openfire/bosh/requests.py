"""The request window of a BOSH session, with held requests, their processing order, and cached responses.

Requests are processed in the order of their rids, whatever their order of arrival (XEP-0124 section 14). A
client that lost a response can get the same response again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from mcp_finesse.simulator.openfire.bosh.body import BodyRequest, Reply
from mcp_finesse.simulator.openfire.ports import Cancellable

REQUESTS = 2  # the maximum number of open requests of a client: xmpp.httpbind.client.requests.max

Respond = Callable[[Reply | None], None]
"""Sends the response to a request, once; ``None`` cuts its connection."""

Later = Callable[[float, Callable[[], None]], Cancellable]


@dataclass(eq=False, slots=True)
class HeldRequest:
    """A request that has not got a response yet."""

    request: BodyRequest
    respond: Respond
    timer: Cancellable = field(init=False)

    @property
    def rid(self) -> int:
        """The request id."""
        return self.request.rid


class RequestWindow:
    """Held requests and cached responses.

    Args:
        first: rid of the session creation request.
        wait: maximum seconds to hold a request.
        later: schedules timers.
        expire: a function that is called when a request was held for ``wait`` seconds. The function must
            respond to the request.

    Attributes:
        last: the highest rid up to which all requests have arrived.
    """

    def __init__(self, first: int, wait: float, later: Later, expire: Callable[[HeldRequest], None]) -> None:
        self.last = first
        self._wait = wait
        self._later = later
        self._expire = expire
        self._held: dict[int, HeldRequest] = {}
        self._sent: OrderedDict[int, Reply] = OrderedDict()

    def __len__(self) -> int:
        """Return the number of held requests."""
        return len(self._held)

    def hold(self, request: BodyRequest, respond: Respond) -> None:
        """Hold a request until it gets a response."""
        held = HeldRequest(request, respond)
        held.timer = self._later(self._wait, lambda: self._expire(held))
        self._held[request.rid] = held

    def replace(self, rid: int, respond: Respond) -> Respond | None:
        """Replace a held request with its retransmission.

        Returns:
            The responder of the old copy of the request. ``None`` if no request with this
            rid is held. In that case nothing changes.
        """
        old = self._held.get(rid)
        if old is None:
            return None
        old.timer.cancel()
        self.hold(old.request, respond)
        return old.respond

    def advance(self) -> HeldRequest | None:
        """Return the next request in rid order and advance ``last``. ``None`` if that request has not arrived."""
        held = self._held.get(self.last + 1)
        if held is not None:
            self.last += 1
        return held

    def ready(self) -> list[HeldRequest]:
        """Return the held requests that can get a response, oldest first. All requests before them have arrived."""
        return [held for rid, held in sorted(self._held.items()) if rid <= self.last]

    def answer(self, held: HeldRequest, reply: Reply) -> None:
        """Respond to a held request."""
        del self._held[held.rid]
        held.timer.cancel()
        self.cache(held.rid, reply)
        held.respond(reply)

    def cache(self, rid: int, reply: Reply) -> None:
        """Cache a response in case the client did not receive it."""
        self._sent[rid] = reply
        while len(self._sent) > REQUESTS + 1:
            self._sent.popitem(last=False)

    def cached(self, rid: int) -> Reply | None:
        """Return the response to an earlier request, if it is still in the cache."""
        return self._sent.get(rid)

    def drain(self) -> list[HeldRequest]:
        """Remove and return all held requests, oldest first. The caller must respond to them."""
        held = [self._held[rid] for rid in sorted(self._held)]
        self._held.clear()
        for each in held:
            each.timer.cancel()
        return held
