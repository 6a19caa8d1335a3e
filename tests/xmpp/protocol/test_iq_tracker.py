"""IQ tracker: which response belongs to which request."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from mcp_finesse.xmpp.protocol.iq_tracker import Requests, refusal
from tests.xmpp.support import BARE, DOMAIN, PUBSUB, PUBSUB_NS, STANZAS

ANSWERERS = frozenset({PUBSUB, DOMAIN, BARE})


def iq(kind: str, *, request_id: str = "a", sender: str = PUBSUB, body: str = "") -> ET.Element:
    return ET.fromstring(
        f"<iq xmlns='jabber:client' type='{kind}' id='{request_id}' from='{sender}'>{body}</iq>"
    )


async def test_response_is_delivered_to_its_request_once() -> None:
    requests = Requests()
    first, second = requests.expect("a", ANSWERERS), requests.expect("b", ANSWERERS)
    answer = iq("result", sender=PUBSUB.upper())
    assert requests.take(answer)
    assert requests.take(iq("error"))  # a second response changes nothing
    assert await first is answer
    assert not second.done()
    requests.forget("a")
    requests.forget("a")
    assert not requests.take(answer)
    assert len(requests) == 1


@pytest.mark.parametrize("sender", ["", DOMAIN, f"{BARE}/any", PUBSUB])
async def test_server_may_answer_for_the_addressee(sender: str) -> None:
    requests = Requests()
    requests.expect("a", ANSWERERS)
    assert requests.take(iq("result", sender=sender))


@pytest.mark.parametrize(
    "other",
    [iq("result", sender="5002@fin.example.test/x"), iq("get"), iq("set"), iq("result", request_id="b")],
)
async def test_stanza_that_is_not_the_response_is_ignored(other: ET.Element) -> None:
    requests = Requests()
    waiting = requests.expect("a", ANSWERERS)
    assert not requests.take(other)
    assert not waiting.done()


async def test_error_response_is_returned_with_its_conditions() -> None:
    requests = Requests()
    waiting = requests.expect("a", ANSWERERS)
    body = (
        f"<error type='modify'><bad-request xmlns='{STANZAS}'/><subid-required xmlns='{PUBSUB_NS}#errors'/>"
        f"<text xmlns='{STANZAS}'>say\n which</text><other xmlns='x'/></error>"
    )
    assert requests.take(iq("error", body=body))
    error = refusal(await waiting)
    assert str(error) == "bad-request subid-required say which"
    assert (error.condition, error.detail, error.text) == ("bad-request", "subid-required", "say which")


def test_error_without_conditions_has_an_undefined_condition() -> None:
    assert refusal(iq("error")).condition == "undefined-condition"


def test_long_names_of_conditions_are_truncated() -> None:
    long = "a" * 9000
    error = refusal(
        iq("error", body=f"<error><{long} xmlns='{STANZAS}'/><{long} xmlns='{PUBSUB_NS}#errors'/></error>")
    )
    assert len(str(error)) < 200
