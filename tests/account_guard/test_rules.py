"""The decision whether a password may be sent, as a table of records."""

from __future__ import annotations

import pytest

from mcp_finesse.account_guard import rules
from mcp_finesse.account_guard.rules import Answer, Attempt, Channel, Proof, Record, SignIn, Verdict

NOW = 10_000.0
HERE = frozenset({"a.example.com"})
SIGN_IN = SignIn("s", "agent", HERE)
OPEN, REJECTED, UNCHECKED = Verdict.OPEN, Verdict.REJECTED, Verdict.UNCHECKED
PROVEN = (Proof("s", "agent", HERE, NOW - 5000),)


def attempt(ago: float, verdict: Verdict, secret: str = "s", counts: bool = True, **more: object) -> Attempt:
    values = {"id": f"{secret}-{ago}", "secret": secret, "role": "agent", "hosts": HERE, "at": NOW - ago}
    return Attempt(**{**values, "verdict": verdict, "counts": counts, **more})  # type: ignore[arg-type]


def others(count: int) -> list[Attempt]:
    return [attempt(100.0 - n, REJECTED, f"other {n}") for n in range(count)]


@pytest.mark.parametrize(
    ("attempts", "proofs", "in_flight", "channel", "answer", "seconds"),
    [
        ([], (), 0, Channel.REST, Answer.SEND, 0),
        ([attempt(10, REJECTED)], (), 0, Channel.REST, Answer.REJECTED, 290),
        ([attempt(10, REJECTED)], (), 0, Channel.XMPP, Answer.REJECTED, 290),
        ([attempt(301, REJECTED)], (), 0, Channel.REST, Answer.SEND, 0),
        ([attempt(-9000, REJECTED)], (), 0, Channel.REST, Answer.REJECTED, 300),
        ([attempt(10, REJECTED, role="administrator")], (), 0, Channel.REST, Answer.SEND, 0),
        ([attempt(10, REJECTED, hosts=frozenset({"else"}))], (), 0, Channel.REST, Answer.SEND, 0),
        ([attempt(10, REJECTED, hosts=HERE | {"10.0.0.1"})], (), 0, Channel.REST, Answer.REJECTED, 290),
        ([attempt(10, OPEN)], (), 0, Channel.REST, Answer.SEND, 0),
        ([attempt(10, OPEN), attempt(40, OPEN)], (), 0, Channel.REST, Answer.PAUSE, 260),
        ([attempt(n, OPEN, counts=False) for n in (10, 20, 30)], PROVEN, 0, Channel.REST, Answer.SEND, 0),
        ([attempt(10, UNCHECKED)], PROVEN, 0, Channel.XMPP, Answer.SEND, 0),
        ([attempt(10, UNCHECKED), attempt(40, UNCHECKED)], PROVEN, 0, Channel.XMPP, Answer.PAUSE, 260),
        ([attempt(10, UNCHECKED), attempt(40, UNCHECKED)], PROVEN, 0, Channel.REST, Answer.SEND, 0),
        (others(3), (), 0, Channel.REST, Answer.SEND, 0),
        (others(4), (), 0, Channel.REST, Answer.PAUSE, 200),
        (others(4), PROVEN, 0, Channel.REST, Answer.PAUSE, 200),
        (others(2), PROVEN, 1, Channel.REST, Answer.SEND, 0),
        (others(2), PROVEN, 2, Channel.REST, Answer.WAIT, 0),
        ([], PROVEN, 3, Channel.REST, Answer.SEND, 0),
        ([], PROVEN, 4, Channel.REST, Answer.WAIT, 0),
    ],
)
def test_decision_follows_from_attempts_proofs_and_requests_in_flight(
    attempts: list[Attempt],
    proofs: tuple[Proof, ...],
    in_flight: int,
    channel: Channel,
    answer: Answer,
    seconds: float,
) -> None:
    record = Record(tuple(attempts), proofs)
    decision = rules.decide(record, SIGN_IN, NOW, in_flight=in_flight, channel=channel)
    assert decision.answer is answer
    if seconds:
        assert decision.until == NOW + seconds


def test_hosts_of_one_server_are_linked_through_other_attempts() -> None:
    link = attempt(20, OPEN, "other", hosts=frozenset({"a.example.com", "10.0.0.1"}))
    far = attempt(10, REJECTED, hosts=frozenset({"10.0.0.1", "b.example.com"}))
    decision = rules.decide(Record((link, far)), SIGN_IN, NOW, in_flight=0, channel=Channel.REST)
    assert decision.answer is Answer.REJECTED


def test_accepting_a_password_removes_its_open_attempts_and_records_a_proof() -> None:
    record = rules.accept(Record((attempt(5, OPEN), attempt(6, OPEN, "other"))), SIGN_IN, NOW)
    assert [each.secret for each in record.attempts] == ["other"]
    assert rules.proof_of(record, SIGN_IN) is not None


def test_rejecting_a_password_removes_its_proof() -> None:
    begun = rules.begin(Record((), PROVEN), [attempt(0, OPEN)], NOW)
    record = rules.settle(begun, [attempt(0, OPEN).id], REJECTED)
    assert rules.proof_of(record, SIGN_IN) is None
    assert record.attempts[0].verdict is REJECTED
