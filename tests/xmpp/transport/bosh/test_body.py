"""BOSH bodies: what a session sends, and how every kind of response is read."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from mcp_finesse.xmpp.transport.bosh import body as bosh_body
from mcp_finesse.xmpp.transport.bosh.body import NAMESPACE, Answer, LostReply, Reply, Terminated

XBOSH = "{urn:xmpp:xbosh}"
HEADER = bosh_body.header("a&b.test")


def answer(content: str, status: int = 200, kind: str = "text/xml") -> Answer:
    return Answer(status, kind, content.encode())


def body(attributes: str = "", payload: str = "") -> str:
    return f"<body xmlns='{NAMESPACE}' {attributes}>{payload}</body>"


# What is sent


def test_session_request_contains_the_required_attributes() -> None:
    element = ET.fromstring(bosh_body.creation(HEADER, 7, 60))
    assert element.tag == f"{{{NAMESPACE}}}body"
    assert element.attrib == {
        "rid": "7",
        "to": "a&b.test",
        "wait": "60",
        "hold": "1",
        "ver": "1.6",
        "ack": "1",
        "content": "text/xml; charset=utf-8",
        f"{XBOSH}version": "1.0",
        "{http://www.w3.org/XML/1998/namespace}lang": "en",
    }


def test_request_carries_rid_sid_and_the_unchanged_stanzas() -> None:
    raw = bosh_body.request(8, "it's&1", payload=b"<presence xmlns='jabber:client'/>")
    assert raw.endswith(b"><presence xmlns='jabber:client'/></body>")
    assert ET.fromstring(raw).attrib == {"rid": "8", "sid": "it's&1"}
    assert bosh_body.request(8, "s1").endswith(b"/>")


@pytest.mark.parametrize(("ack", "said"), [(None, None), (7, None), (6, "6")])
def test_ack_is_sent_where_the_last_response_is_not_the_preceding_one(
    ack: int | None, said: str | None
) -> None:
    assert ET.fromstring(bosh_body.request(8, "s1", ack=ack)).get("ack") == said


def test_stream_restart_uses_the_prefix_openfire_expects() -> None:
    raw = bosh_body.request(9, "s1", extra=bosh_body.restart(HEADER))
    assert b"xmlns:xmpp='urn:xmpp:xbosh'" in raw
    assert b"xmpp:restart='true'" in raw
    assert ET.fromstring(raw).get("to") == "a&b.test"


# Responses


@pytest.mark.parametrize(
    ("content", "attributes", "payload"),
    [
        (f"<body xmlns='{NAMESPACE}'/>", {}, ""),
        (f"<body xmlns='{NAMESPACE}' sid='1'></body>", {"sid": "1"}, ""),
        (f'<?xml version="1.0"?>\n<body a=">/" xmlns="{NAMESPACE}">\n<x/>\n</body>\n', {"a": ">/"}, "<x/>"),
        (f"\ufeff<body xmlns='{NAMESPACE}'><b>&lt;/body></b></body>", {}, "<b>&lt;/body></b>"),
        (f"<body xmlns='{NAMESPACE}'><m><body>hi</body></m></body>", {}, "<m><body>hi</body></m>"),
        (f"<body t='&amp;&#x41;' xmlns='{NAMESPACE}'/>", {"t": "&A"}, ""),
    ],
)
def test_body_is_split_into_attributes_and_unchanged_payload(
    content: str, attributes: dict[str, str], payload: str
) -> None:
    assert bosh_body.split(content.encode()) == Reply(attributes, payload.encode())


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<html><body>Welcome</body></html>",
        "<body>Welcome</body>",
        f"<!DOCTYPE body [<!ENTITY a 'b'>]><body xmlns='{NAMESPACE}' t='&a;'/>",
        f"<?xml version='1.0'?><!DOCTYPE body><body xmlns='{NAMESPACE}'/>",
        f"<body xmlns='{NAMESPACE}'><presence/>",
        f"<body xmlns='{NAMESPACE}'/><body xmlns='{NAMESPACE}'></body> more",
        f"<body xmlns='{NAMESPACE}'></body>trailing",
        f"<body xmlns='{NAMESPACE}' xmpp:version='1.0'/>",
        f"<body xmlns='{NAMESPACE}' a='1' a='2'/>",
        f"<body xmlns='{NAMESPACE}' t='&a;'/>",
        f"<bodyguard xmlns='{NAMESPACE}'/>",
        f"<body xmlns='{NAMESPACE}",
    ],
)
def test_anything_but_one_whole_body_is_rejected(content: str) -> None:
    with pytest.raises(ValueError, match="body"):
        bosh_body.split(content.encode())


def test_megabytes_of_unfinished_body_are_rejected_quickly() -> None:
    with pytest.raises(ValueError, match="body"):
        bosh_body.split(b"<body " + b"a='b' " * 300_000)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_transient_http_status_makes_the_request_repeatable(status: int) -> None:
    with pytest.raises(LostReply, match=f"the server responded with HTTP {status} with text/html"):
        bosh_body.next_reply(answer("<html/>", status, "text/html"))


def test_page_instead_of_a_body_and_recoverable_error_make_the_request_repeatable() -> None:
    with pytest.raises(
        LostReply, match="the server responded with HTTP 200 with text/html, which is no BOSH"
    ):
        bosh_body.next_reply(answer("<html/>", kind="text/html"))
    with pytest.raises(LostReply, match="requests a retransmission"):
        bosh_body.next_reply(answer(body("type='error'")))


@pytest.mark.parametrize(
    ("status", "condition"),
    [
        (400, "bad-request"),
        (403, "policy-violation"),
        (404, "item-not-found"),
        (302, "undefined-condition"),
        (401, "undefined-condition"),
    ],
)
def test_other_http_statuses_end_the_session(status: int, condition: str) -> None:
    with pytest.raises(Terminated, match=f"{condition} .the server responded with HTTP {status}") as caught:
        bosh_body.next_reply(answer("", status, ""))
    assert caught.value.condition == condition


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("bad-request", "the server could not read a request"),
        ("host-gone", "no longer serves this XMPP domain"),
        ("host-unknown", "does not know the XMPP domain"),
        ("improper-addressing", "contained no XMPP domain"),
        ("internal-server-error", "it failed"),
        ("item-not-found", "does not know the session"),
        ("other-request", "another request of this client"),
        ("policy-violation", "sent too many requests"),
        ("remote-connection-failed", "cannot reach the XMPP server"),
        ("remote-stream-error", "ended the stream"),
        ("see-other-uri", "redirects to another address"),
        ("system-shutdown", "is shutting down"),
        ("undefined-condition", "gave no reason"),
        ("something-new", "ended the BOSH session: something-new"),
    ],
)
def test_every_condition_is_explained(condition: str, words: str) -> None:
    reply = bosh_body.next_reply(answer(body(f"type='terminate' condition='{condition}'")))
    assert reply.terminates
    assert reply.ending().condition == condition
    assert words in str(reply.ending())


def test_redirection_names_its_target() -> None:
    attributes = "type='terminate' condition='see-other-uri'"
    reply = bosh_body.next_reply(answer(body(attributes, "<uri>https://b.test/http-bind/</uri>")))
    assert "the server redirects to https://b.test/http-bind/" in str(reply.ending())


def test_termination_without_condition_is_undefined_condition() -> None:
    assert bosh_body.next_reply(answer(body("type='terminate'"))).ending().condition == "undefined-condition"


def test_session_response_must_be_a_body() -> None:
    assert bosh_body.first(answer(body("sid='1'"))).attributes == {"sid": "1"}
    with pytest.raises(ValueError, match=r"the server responded with HTTP 404 with text/html$"):
        bosh_body.first(answer("<html/>", 404, "text/html"))
    with pytest.raises(ValueError, match="the server responded with HTTP 200, which is no BOSH <body/>"):
        bosh_body.first(answer("hello", kind=""))


def test_names_that_the_server_sends_are_truncated() -> None:
    long = "a" * 9000
    ending = bosh_body.split(body(f"type='terminate' condition='{long}'").encode()).ending()
    assert ending.condition == long
    assert len(str(ending)) < 200
    assert len(str(answer("", kind=long))) < 200
