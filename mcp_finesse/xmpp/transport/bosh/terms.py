"""What a BOSH session is held to: by the server, whose terms come with its creation, and by ourselves."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.numbers import parse_int
from mcp_finesse.xmpp.scaling import scaled
from mcp_finesse.xmpp.transport.bosh.body import HOLD, Reply

_MAX_DIGITS = 6
"""Seconds with more digits are no term of a session: they are weeks."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the server granted when the session was created (XEP-0124 7.2).

    Attributes:
        sid: names the session.
        wait: seconds for which it holds a request at most.
        hold: requests that it holds.
        requests: that may be under way at once.
        inactivity: seconds without any request after which the session is over.
        polling: least seconds between empty requests, where none is held.
        acks: it wants to be told which answers have arrived.
    """

    sid: str
    wait: int
    hold: int
    requests: int
    inactivity: int
    polling: int
    acks: bool

    @classmethod
    def of(cls, reply: Reply, wait: int) -> Terms:
        """Read them from the answer to a request that asked for this ``wait``.

        Raises:
            Terminated: the server rejected the session.
            ValueError: there are none.
        """
        if reply.attributes.get("type") in ("terminate", "error"):
            raise reply.ending()
        said = reply.attributes
        if not said.get("sid"):
            raise ValueError("its response contains no session id (sid)")
        names = ("wait", "hold", "requests", "inactivity", "polling")
        numbers = {}
        for name in names:
            if name in said:
                number = parse_int(said[name], max_digits=_MAX_DIGITS)
                if number is None:
                    raise ValueError("its session parameters cannot be read")
                numbers[name] = number
        hold = max(0, min(HOLD, numbers.get("hold", HOLD)))
        return cls(
            sid=said["sid"],
            wait=max(0, min(wait, numbers.get("wait", wait))),
            hold=hold,
            # More would only help them to overtake each other: the server lets go of what it holds as
            # soon as the next comes in.
            requests=max(1, min(HOLD + 1, numbers.get("requests", hold + 1))),
            inactivity=max(1, numbers.get("inactivity", 30)),  # Openfire's, who names none to old clients
            polling=max(0, numbers.get("polling", 0)),
            acks="ack" in said,
        )


_EARLY_ANSWERS = 5


@dataclass(frozen=True, slots=True)
class BoshTiming:
    """Limits and pauses of a BOSH session, in seconds.

    Attributes:
        wait: asked of the server: how long it may hold a request; whole seconds.
        margin: beyond ``wait`` before an answer counts as lost.
        connect: for TCP, and for TLS once more, of each connection after the first.
        tries: how often a request is sent at most (a number, not seconds).
        backoff: before the second try; doubled before each further one.
        settle: after an answer before an empty request, so that what handlers say can go first.
        spacing: between two requests that overlap: ejabberd leaves the second lying if it comes first.
        early: an empty answer that comes sooner, although the server should hold the request, counts as too early.
        most_pause: between two empty requests when the server keeps answering too early.
        farewell: for the goodbye of a session that is given up, and for closing connections.
    """

    wait: int = 60
    margin: float = 10.0
    connect: float = 10.0
    tries: int = 4
    backoff: float = 0.5
    settle: float = 0.002
    spacing: float = 0.005
    early: float = 1.0
    most_pause: float = 2.0
    farewell: float = 0.25

    def pause_before_retry(self, tried: int, since: float, inactivity: float) -> float | None:
        """How long to wait before a request is sent again; None to give it up.

        Args:
            tried: how often it was sent.
            since: seconds since it failed for the first time.
            inactivity: after which the server forgets the session, and the answer that it keeps.
        """
        pause: float = self.backoff * 2 ** (tried - 1)
        return pause if tried < self.tries and since + pause <= 0.8 * inactivity else None

    def pause_when_not_held(self, early: int) -> float:
        """Seconds between two empty requests after so many answers in a row that came too early.

        A few are normal: the server lets go of what it holds when we send something.
        """
        beyond = early - _EARLY_ANSWERS
        return 0.0 if beyond <= 0 else min(self.most_pause, 0.1 * 2.0 ** min(beyond - 1, 10))

    def scaled(self, factor: float) -> BoshTiming:
        """The same with all multiplied but the number and what is bound to the server or to the loop, for tests."""
        return scaled(self, factor, but=frozenset({"wait", "tries", "settle", "spacing"}))
