"""Negotiation: stream errors, SASL failures and stream features."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from mcp_finesse.errors import CredentialsError, LinkLostError, NetworkError, ReplacedError
from mcp_finesse.xmpp import negotiation
from mcp_finesse.xmpp.protocol.events import LinkState
from tests.xmpp.support import SASL, SESSION, STREAMS, stream_error


def features(body: str) -> ET.Element:
    return ET.fromstring(f"<stream:features xmlns:stream='{STREAMS}'>{body}</stream:features>")


@pytest.mark.parametrize(
    ("condition", "state", "kind"),
    [
        ("conflict", LinkState.REPLACED, ReplacedError),
        ("policy-violation", LinkState.LOST, ConnectionError),
        ("system-shutdown", LinkState.LOST, ConnectionError),
        ("see-other-host", LinkState.LOST, ConnectionError),
        ("not-authorized", LinkState.LOST, ConnectionError),
        ("made-up", LinkState.LOST, ConnectionError),
    ],
)
def test_stream_error_determines_the_link_state(
    condition: str, state: LinkState, kind: type[Exception]
) -> None:
    ending = negotiation.stream_error_ending(ET.fromstring(stream_error(condition)))
    assert ending.state is state
    assert type(ending.error) is kind
    assert condition in ending.reason or condition == "conflict"


def test_text_of_the_server_is_quoted_and_truncated() -> None:
    ending = negotiation.stream_error_ending(
        ET.fromstring(stream_error("reset", "new\n  certificate " * 100))
    )
    assert "reset (new certificate new" in ending.reason
    assert len(ending.reason) < 300


def test_see_other_host_is_quoted() -> None:
    error = (
        f"<stream:error xmlns:stream='{STREAMS}'>"
        "<see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>b.test:9222</see-other-host></stream:error>"
    )
    ending = negotiation.stream_error_ending(ET.fromstring(error))
    assert ending.reason == "the server ended the stream: see-other-host (b.test:9222)"


def test_lost_stream_becomes_a_link_error() -> None:
    error = negotiation.lost("somebody pulled the plug").as_link_error()
    assert isinstance(error, LinkLostError)
    assert "somebody pulled the plug" in str(error)


@pytest.mark.parametrize(
    "condition", ["not-authorized", "account-disabled", "credentials-expired", "invalid-authzid", "made-up"]
)
def test_rejected_login_is_a_credentials_error(condition: str) -> None:
    failure = ET.fromstring(f"<failure xmlns='{SASL}'><{condition}/><text>locked</text></failure>")
    ending = negotiation.sasl_failure(failure, "5001")
    assert isinstance(ending.error, CredentialsError)
    assert ending.state is LinkState.REFUSED
    assert (
        ending.error.message == f"The Notification Service rejected the login of 5001 ({condition}: locked)."
    )


def test_temporary_auth_failure_is_not_a_credentials_error() -> None:
    failure = ET.fromstring(f"<failure xmlns='{SASL}'><temporary-auth-failure/></failure>")
    ending = negotiation.sasl_failure(failure, "5001")
    assert ending.state is LinkState.LOST
    assert isinstance(ending.error, ConnectionError)


@pytest.mark.parametrize(
    ("offer", "what"), [("", "no SASL mechanism"), ("<mechanism>SCRAM-SHA-1</mechanism>", "only SCRAM-SHA-1")]
)
def test_login_without_plain_is_impossible(offer: str, what: str) -> None:
    ending = negotiation.login_obstacle(features(f"<mechanisms xmlns='{SASL}'>{offer}</mechanisms>"))
    assert ending is not None
    assert isinstance(ending.error, NetworkError)
    assert ending.error.step == "sasl"
    assert what in str(ending.error)


def test_plain_among_other_mechanisms_is_enough() -> None:
    offer = "<mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism>"
    assert negotiation.login_obstacle(features(f"<mechanisms xmlns='{SASL}'>{offer}</mechanisms>")) is None


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("", False),
        (f"<session xmlns='{SESSION}'/>", True),
        (f"<session xmlns='{SESSION}'><optional/></session>", False),
    ],
)
def test_session_request_is_sent_only_where_required(body: str, wanted: bool) -> None:
    assert negotiation.wants_session(features(body)) is wanted


def test_names_that_the_server_sends_are_truncated() -> None:
    long = "a" * 9000
    many = f"<mechanism>{long}</mechanism>" * 50
    obstacle = negotiation.login_obstacle(features(f"<mechanisms xmlns='{SASL}'>{many}</mechanisms>"))
    failure = negotiation.sasl_failure(ET.fromstring(f"<failure xmlns='{SASL}'><{long}/></failure>"), "5001")
    assert obstacle is not None
    for ending in (obstacle, failure, negotiation.stream_error_ending(ET.fromstring(stream_error(long)))):
        assert len(str(ending.error)) < 1000
