"""BOSH session terms granted by the server, and when a request is sent again."""

from __future__ import annotations

import pytest

from mcp_finesse.xmpp.transport.bosh.body import Reply, Terminated
from mcp_finesse.xmpp.transport.bosh.terms import BoshTiming, Terms


def terms(**attributes: str) -> Terms:
    return Terms.of(Reply(attributes), 60)


def test_openfire_terms_are_read() -> None:
    granted = terms(sid="a", wait="60", hold="1", requests="2", inactivity="30", polling="5", ack="7")
    assert granted == Terms("a", wait=60, hold=1, requests=2, inactivity=30, polling=5, acks=True)


def test_omitted_terms_have_the_standard_values() -> None:
    assert terms(sid="a") == Terms("a", wait=60, hold=1, requests=2, inactivity=30, polling=0, acks=False)


def test_terms_beyond_the_request_are_capped() -> None:
    granted = terms(sid="a", wait="90", hold="3", requests="9")
    assert (granted.wait, granted.hold, granted.requests) == (60, 1, 2)


def test_session_that_holds_no_request_polls() -> None:
    granted = terms(sid="a", wait="0", hold="0", requests="0", polling="2")
    assert (granted.wait, granted.hold, granted.requests, granted.polling) == (0, 0, 1, 2)


def test_unreadable_terms_are_rejected() -> None:
    with pytest.raises(ValueError, match="no session id"):
        terms(wait="60")
    with pytest.raises(ValueError, match="cannot be read"):
        terms(sid="a", wait="soon")


@pytest.mark.parametrize(
    ("kind", "condition"),
    [("terminate", "host-unknown"), ("terminate", "undefined-condition"), ("error", "undefined-condition")],
)
def test_rejected_session_request_has_a_condition(kind: str, condition: str) -> None:
    with pytest.raises(Terminated, match=condition):
        terms(sid="a", type=kind, condition=condition)


@pytest.mark.parametrize(
    ("tried", "since", "inactivity", "pause"),
    [
        (1, 0, 30, 0.5),
        (2, 0.5, 30, 1),
        (3, 1.5, 30, 2),
        (4, 3.5, 30, None),  # four tries are enough
        (1, 23.5, 30, 0.5),
        (1, 23.6, 30, None),  # the server will have dropped the session
        (1, 0, 0, None),
    ],
)
def test_pause_before_retry_is_limited_by_tries_and_inactivity(
    tried: int, since: float, inactivity: float, pause: float | None
) -> None:
    assert BoshTiming().pause_before_retry(tried, since, inactivity) == pause


def test_scaled_timing_scales_times_and_not_counts() -> None:
    scaled = BoshTiming().scaled(0.1)
    assert (scaled.backoff, scaled.margin, scaled.farewell) == pytest.approx((0.05, 1, 0.025))
    assert (scaled.wait, scaled.tries, scaled.settle) == (60, 4, 0.002)
