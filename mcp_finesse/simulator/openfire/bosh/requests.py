"""The requests of one BOSH session: which are held, which may be answered next, which replies are kept.

XEP-0124 section 14: requests count in order whatever the order of their arrival, and a client that lost a
reply gets the same one again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from mcp_finesse.simulator.openfire.bosh.body import BodyRequest, Reply
from mcp_finesse.simulator.openfire.ports import Cancellable

REQUESTS = 2  # how many a client may have open: xmpp.httpbind.client.requests.max

Respond = Callable[[Reply | None], None]
"""Answers a request, once; ``None`` cuts its connection."""

Later = Callable[[float, Callable[[], None]], Cancellable]


@dataclass(eq=False, slots=True)
class HeldRequest:
    """A request without an answer so far."""

    request: BodyRequest
    respond: Respond
    timer: Cancellable = field(init=False)

    @property
    def rid(self) -> int:
        """Its number."""
        return self.request.rid


class RequestWindow:
    """Held requests and kept replies.

    Args:
        first: number of the request that made the session.
        wait: seconds to hold a request for.
        later: timers.
        expire: called when a request has been held for so long; has to answer it.

    Attributes:
        last: all requests up to this number have come.
    """

    def __init__(self, first: int, wait: float, later: Later, expire: Callable[[HeldRequest], None]) -> None:
        self.last = first
        self._wait = wait
        self._later = later
        self._expire = expire
        self._held: dict[int, HeldRequest] = {}
        self._sent: OrderedDict[int, Reply] = OrderedDict()

    def __len__(self) -> int:
        """How many requests are held."""
        return len(self._held)

    def hold(self, request: BodyRequest, respond: Respond) -> None:
        """Hold a request until it is answered."""
        held = HeldRequest(request, respond)
        held.timer = self._later(self._wait, lambda: self._expire(held))
        self._held[request.rid] = held

    def replace(self, rid: int, respond: Respond) -> Respond | None:
        """The same request comes again while the first copy is held: the new copy takes its place.

        Returns:
            How to answer the old copy; ``None`` when no such request is held, and nothing happens.
        """
        old = self._held.get(rid)
        if old is None:
            return None
        old.timer.cancel()
        self.hold(old.request, respond)
        return old.respond

    def advance(self) -> HeldRequest | None:
        """The next request in order, which counts as come from now on; ``None`` if it is not here."""
        held = self._held.get(self.last + 1)
        if held is not None:
            self.last += 1
        return held

    def ready(self) -> list[HeldRequest]:
        """The requests that can be answered, oldest first: no gap lies before them."""
        return [held for rid, held in sorted(self._held.items()) if rid <= self.last]

    def answer(self, held: HeldRequest, reply: Reply) -> None:
        """Answer a held request."""
        del self._held[held.rid]
        held.timer.cancel()
        self.keep(held.rid, reply)
        held.respond(reply)

    def keep(self, rid: int, reply: Reply) -> None:
        """Remember a reply, in case the client did not get it."""
        self._sent[rid] = reply
        while len(self._sent) > REQUESTS + 1:
            self._sent.popitem(last=False)

    def kept(self, rid: int) -> Reply | None:
        """A reply that was given before, if it is one of the last."""
        return self._sent.get(rid)

    def drain(self) -> list[HeldRequest]:
        """Hold nothing any more; what was held, oldest first, is the caller's to answer."""
        held = [self._held[rid] for rid in sorted(self._held)]
        self._held.clear()
        for each in held:
            each.timer.cancel()
        return held
