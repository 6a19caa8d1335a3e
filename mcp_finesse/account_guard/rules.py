"""Pure functions that decide, from the record of an account, whether a password may be sent now.

Finesse locks an account for five minutes after five wrong passwords in a row. An attempt without a response
counts as a wrong password if its password was never accepted before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

WINDOW = 300.0
"""Seconds for which an attempt counts towards the limit. For the same time a rejected password is not sent again."""
FRESH = 30.0
"""Seconds after an accepted request during which several requests may be in flight."""
MOST_REJECTIONS = 4
MOST_UNANSWERED = 2
_KEPT_PROOFS = 16


class Verdict(StrEnum):
    """The result of an attempt. An accepted attempt is removed from the record."""

    OPEN = "open"
    REJECTED = "rejected"
    UNCHECKED = "unchecked"
    """The Notification Service could not check the password (``temporary-auth-failure``)."""


class Channel(StrEnum):
    """The service to which a password is sent."""

    REST = "rest"
    XMPP = "xmpp"


@dataclass(frozen=True, slots=True)
class SignIn:
    """The identity of an attempt: the user who signs in, the password, and the servers.

    Attributes:
        secret: A keyed hash of role, user id and password.
        role: ``agent`` or ``administrator``.
        hosts: Every known name and address of the servers that check this account.
    """

    secret: str
    role: str
    hosts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in attempt, for which a password was sent or is about to be sent.

    Attributes:
        counts: Whether the attempt counts as a possible wrong password while its result is open. False if the
            password was accepted before.
    """

    id: str
    secret: str
    role: str
    hosts: frozenset[str]
    at: float
    verdict: Verdict = Verdict.OPEN
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Proof:
    """The time when a password was last recorded as accepted."""

    secret: str
    role: str
    hosts: frozenset[str]
    at: float


@dataclass(frozen=True, slots=True)
class Record:
    """The attempts and accepted passwords of one user id, on all servers.

    Attributes:
        unreadable_at: The time when the record was last written, if it could not be read and its content is
            lost.
    """

    attempts: tuple[Attempt, ...] = ()
    proofs: tuple[Proof, ...] = ()
    unreadable_at: float | None = None

    def merged_with(self, other: Record) -> Record:
        """Return the union of both records. If both contain an attempt, keep this record's version."""
        ids = {each.id for each in self.attempts}
        times = [at for at in (self.unreadable_at, other.unreadable_at) if at is not None]
        return Record(
            self.attempts + tuple(each for each in other.attempts if each.id not in ids),
            self.proofs + tuple(each for each in other.proofs if each not in self.proofs),
            max(times, default=None),
        )


class Answer(StrEnum):
    """The possible results of ``decide``."""

    SEND = "send"
    WAIT = "wait"
    """Wait until a sign-in attempt that is in progress completes."""
    PAUSE = "pause"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a password may be sent. A pause sets ``until`` and ``why``. A rejected password sets ``until``."""

    answer: Answer
    until: float = 0.0
    why: str = ""


def decide(record: Record, sign_in: SignIn, now: float, *, in_flight: int, channel: Channel) -> Decision:
    """Decide whether a password may be sent.

    Args:
        record: The record of the user id.
        sign_in: The identity of the attempt.
        now: Seconds since the epoch.
        in_flight: The number of attempts of this user id that are waiting for a response and are not in the
            record.
        channel: The service to which the password would be sent.
    """
    record = without_future(record, now)
    if record.unreadable_at is not None and record.unreadable_at > now - WINDOW:
        why = "The record of sign-in attempts cannot be read, so wrong passwords may have been sent."
        return Decision(Answer.PAUSE, record.unreadable_at + WINDOW, why)
    recent = recent_attempts(record, sign_in.hosts, now)
    own = [each for each in recent if (each.secret, each.role) == (sign_in.secret, sign_in.role)]
    if rejected := [each.at for each in own if each.verdict is Verdict.REJECTED]:
        return Decision(Answer.REJECTED, max(rejected) + WINDOW)
    unchecked = [each.at for each in own if each.verdict is Verdict.UNCHECKED]
    if channel is Channel.XMPP and len(unchecked) >= MOST_UNANSWERED:
        why = "The Notification Service could not check this password in two attempts."
        return Decision(Answer.PAUSE, _frees(unchecked, MOST_UNANSWERED), why)
    unanswered = [each.at for each in own if each.verdict is Verdict.OPEN and each.counts]
    if proof_of(record, sign_in) is None and len(unanswered) >= MOST_UNANSWERED:
        why = "Two requests with this password got no response, and Finesse may have counted each as a wrong password."
        return Decision(Answer.PAUSE, _frees(unanswered, MOST_UNANSWERED), why)
    counted = counted_attempts(record, sign_in.hosts, now)
    if len(counted) >= MOST_REJECTIONS:
        why = f"Finesse rejected or did not respond to {len(counted)} sign-in attempts of this account."
        return Decision(Answer.PAUSE, _frees([each.at for each in counted], MOST_REJECTIONS), why)
    if len(counted) + in_flight >= MOST_REJECTIONS:
        return Decision(Answer.WAIT)
    return Decision(Answer.SEND)


def without_future(record: Record, now: float) -> Record:
    """Return the record with future times set to ``now``. Without future times, return the record itself.

    A time in the future means that the clock was set back. Without this correction the attempt would
    count as recent until the clock has passed that time by five minutes.
    """
    times = [each.at for each in record.attempts] + [each.at for each in record.proofs]
    if max([*times, record.unreadable_at or now]) <= now:
        return record
    return Record(
        tuple(replace(each, at=min(each.at, now)) for each in record.attempts),
        tuple(replace(each, at=min(each.at, now)) for each in record.proofs),
        record.unreadable_at and min(record.unreadable_at, now),
    )


def recent_attempts(record: Record, hosts: frozenset[str], now: float) -> tuple[Attempt, ...]:
    """Return the attempts of the last five minutes on servers that check the same account."""
    known = _known_hosts(record, hosts)
    return tuple(each for each in record.attempts if each.at > now - WINDOW and each.hosts & known)


def counted_attempts(record: Record, hosts: frozenset[str], now: float) -> tuple[Attempt, ...]:
    """Return the recent attempts that Finesse may have counted as wrong passwords."""
    recent = recent_attempts(record, hosts, now)
    return tuple(each for each in recent if each.counts or each.verdict is not Verdict.OPEN)


def proof_of(record: Record, sign_in: SignIn) -> Proof | None:
    """Return the proof that this password was accepted before, or None."""
    known = _known_hosts(record, sign_in.hosts)
    for each in record.proofs:
        if (each.secret, each.role) == (sign_in.secret, sign_in.role) and each.hosts & known:
            return each
    return None


def begin(record: Record, attempts: Iterable[Attempt], now: float) -> Record:
    """Record attempts before they are sent. An attempt replaces the recorded attempt with the same id."""
    new = tuple(attempts)
    ids = {each.id for each in new}
    kept = tuple(each for each in record.attempts if each.at > now - WINDOW and each.id not in ids)
    lost = record.unreadable_at is not None and record.unreadable_at > now - WINDOW
    return replace(record, attempts=kept + new, unreadable_at=record.unreadable_at if lost else None)


def settle(record: Record, ids: Iterable[str], verdict: Verdict | None) -> Record:
    """Record the verdict on attempts. None removes attempts whose password was not sent or not checked."""
    named = frozenset(ids)
    if verdict is None:
        return replace(record, attempts=tuple(each for each in record.attempts if each.id not in named))
    settled = tuple(replace(each, verdict=verdict) if each.id in named else each for each in record.attempts)
    gone = {(e.secret, e.role) for e in settled if e.id in named} if verdict is Verdict.REJECTED else set()
    proofs = tuple(each for each in record.proofs if (each.secret, each.role) not in gone)
    return replace(record, attempts=settled, proofs=proofs)


def accept(record: Record, sign_in: SignIn, now: float) -> Record:
    """Record that a password was accepted. Remove the open attempts with this password from the record."""
    own = (sign_in.secret, sign_in.role)
    attempts = tuple(
        each
        for each in record.attempts
        if (each.secret, each.role) != own or each.verdict is not Verdict.OPEN
    )
    others = [each for each in record.proofs if (each.secret, each.role) != own]
    newest = sorted(others, key=lambda each: each.at)[1 - _KEPT_PROOFS :]
    return replace(record, attempts=attempts, proofs=(*newest, Proof(*own, sign_in.hosts, now)))


def _known_hosts(record: Record, hosts: frozenset[str]) -> frozenset[str]:
    """Return the hosts together with all names and addresses that the record has for the same servers."""
    groups = [each.hosts for each in record.attempts] + [each.hosts for each in record.proofs]
    known = hosts
    while True:
        more = known.union(*(group for group in groups if group & known))
        if more == known:
            return known
        known = more


def _frees(times: Sequence[float], most: int) -> float:
    """Return the earliest time when fewer than ``most`` of the attempts at ``times`` count."""
    return sorted(times)[len(times) - most] + WINDOW
