"""Test how a BOSH request is read, and how replies are written."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.openfire.bosh.body import BadBodyError, Reply, body, error, read_body
from mcp_finesse.simulator.openfire.stanzas import parse
from tests.simulator.support_bosh import BODY, RESTART, wrapped


def test_session_request_is_read() -> None:
    request = read_body(wrapped(rid=7, to="Finesse.SIM", wait=30, hold=2, ver="1.11").encode())
    assert (request.rid, request.sid, request.to) == (7, "", "finesse.sim")
    assert (request.wait, request.hold, request.version) == (30, 2, (1, 11))
    assert request.is_empty


def test_missing_attributes_get_defaults() -> None:
    request = read_body(wrapped(rid=7).encode())
    assert (request.wait, request.hold, request.version, request.pause) == (60, 1, (1, 5), None)


@pytest.mark.parametrize(("ver", "version"), [("1", (1, 0)), ("2.0", (2, 0)), ("x.y", (1, 5)), ("", (1, 5))])
def test_version_is_read_or_defaults_to_1_5(ver: str, version: tuple[int, int]) -> None:
    assert read_body(wrapped(rid=7, ver=ver).encode()).version == version


def test_elements_of_a_body_are_read() -> None:
    request = read_body(wrapped("<a xmlns='urn:x'/> <b xmlns='urn:x'/>", rid=7, sid="s").encode())
    assert [element.tag for element in request.elements] == ["{urn:x}a", "{urn:x}b"]
    assert not request.is_empty


def test_restart_pause_and_terminate_are_read() -> None:
    assert read_body(wrapped(rid=7).replace("<body", f"<body {RESTART}").encode()).restart
    assert read_body(wrapped(rid=7, pause=60).encode()).pause == 60
    assert read_body(wrapped(rid=7, type="terminate").encode()).terminate


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "<body",
        "<body rid='7'/>",
        "<html xmlns='http://jabber.org/protocol/httpbind' rid='7'/>",
        wrapped(),
        wrapped(rid="0"),
        wrapped(rid="-7"),
        wrapped(rid="1_0"),
        wrapped(rid="٣"),
        wrapped(rid="9" * 17),
        wrapped(rid=7, wait="long"),
        wrapped(rid=7, hold="x"),
        wrapped(rid=7, pause=""),
        "<!DOCTYPE body>" + wrapped(rid=7),
        wrapped("<a>" * 70 + "</a>" * 70, rid=7),
    ],
)
def test_unusable_body_is_rejected(text: str) -> None:
    with pytest.raises(BadBodyError):
        read_body(text.encode())


def test_reply_declares_the_stream_prefix_only_on_request() -> None:
    assert "xmlns:stream" in body(stream_prefix=True).body
    reply = body("<a xmlns='urn:x'/>", from_="b", ack=None)
    assert (parse(reply.body).tag, parse(reply.body).attrib) == (BODY, {"from": "b"})
    assert "xmlns:stream" not in reply.body


def test_errors_are_conditions_or_statuses_for_old_clients() -> None:
    assert error("item-not-found", (1, 6)) == body(type="terminate", condition="item-not-found")
    assert error("item-not-found", (1, 5)) == Reply("", 404)
    assert error("policy-violation", (1, 5)) == Reply("", 403)
    assert error("host-unknown", (1, 5)) == body(type="terminate", condition="host-unknown")
