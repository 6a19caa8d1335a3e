"""The parameters of a BOSH session that the XMPP server grants at its creation, and our own limits and pauses."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.numbers import parse_int
from mcp_finesse.xmpp.scaling import scaled
from mcp_finesse.xmpp.transport.bosh.body import HOLD, Reply

_MAX_DIGITS = 6
"""Maximum digits of a session parameter. A number of seconds with more digits would be longer than a week."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The parameters of a BOSH session that the XMPP server granted (XEP-0124 7.2).

    Attributes:
        sid: the BOSH session id.
        wait: for how many seconds the server holds a request at most.
        hold: how many requests the server holds.
        requests: the maximum number of concurrent requests.
        inactivity: the BOSH session ends after this number of seconds without a request.
        polling: minimum seconds between two empty requests if the server holds no requests.
        acks: whether the server uses acknowledgements.
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
        """Read the parameters from the response to a creation request with this ``wait``.

        Raises:
            Terminated: the server rejected the session.
            ValueError: a parameter is missing or malformed.
        """
        if reply.attributes.get("type") in ("terminate", "error"):
            raise reply.ending()
        said = reply.attributes
        if not said.get("sid"):
            raise ValueError("the response contains no session id (sid)")
        names = ("wait", "hold", "requests", "inactivity", "polling")
        numbers = {}
        for name in names:
            if name in said:
                number = parse_int(said[name], max_digits=_MAX_DIGITS)
                if number is None:
                    raise ValueError("the session parameters in the response cannot be read")
                numbers[name] = number
        hold = max(0, min(HOLD, numbers.get("hold", HOLD)))
        return cls(
            sid=said["sid"],
            wait=max(0, min(wait, numbers.get("wait", wait))),
            hold=hold,
            # More concurrent requests would only cause reordering, because the server responds to a held
            # request as soon as the next request arrives.
            requests=max(1, min(HOLD + 1, numbers.get("requests", hold + 1))),
            inactivity=max(
                1, numbers.get("inactivity", 30)
            ),  # Openfire uses 30 s, but does not send the value to old clients
            polling=max(0, numbers.get("polling", 0)),
            acks="ack" in said,
        )


_EARLY_ANSWERS = 5


@dataclass(frozen=True, slots=True)
class BoshTiming:
    """Limits and pauses of a BOSH session, in seconds.

    Attributes:
        wait: the requested maximum time for which the server may hold a request, in whole seconds.
        margin: time after ``wait`` before a response counts as lost.
        connect: limit for the TCP connection, and a separate limit of the same size for the TLS handshake. Applies to
            each connection after the first.
        tries: the maximum number of attempts per request. The value is a count, not a number of seconds.
        backoff: pause before the second attempt. The pause is doubled for each further attempt.
        settle: pause between a response and an empty request. Stanzas that handlers send during this pause go
            first.
        spacing: pause between overlapping requests. If the second request arrives before the first, ejabberd
            never responds to the second request.
        early: an empty response that arrives in less than this time is too early, if the server should have
            held the request.
        most_pause: maximum pause between two empty requests if the server keeps responding too early.
        farewell: limit for the terminating request and for closing connections.
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
        """Return the seconds to wait before a request is resent, or None to stop.

        Args:
            tried: the number of attempts so far.
            since: the number of seconds since the first failure.
            inactivity: the number of seconds after which the server drops the BOSH session and its cached
                responses.
        """
        pause: float = self.backoff * 2 ** (tried - 1)
        return pause if tried < self.tries and since + pause <= 0.8 * inactivity else None

    def pause_when_not_held(self, early: int) -> float:
        """Return the seconds to wait before an empty request, given the number of consecutive early responses.

        A few early responses are normal, because the server responds to a held request when we send another
        request.
        """
        beyond = early - _EARLY_ANSWERS
        return 0.0 if beyond <= 0 else min(self.most_pause, 0.1 * 2.0 ** min(beyond - 1, 10))

    def scaled(self, factor: float) -> BoshTiming:
        """Return a copy with scaled times, for tests. ``tries`` and times that depend on the server do not change."""
        return scaled(self, factor, but=frozenset({"wait", "tries", "settle", "spacing"}))
