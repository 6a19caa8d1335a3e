"""Test hardened parsing, escaping, and that a parsed element can be written again."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from mcp_finesse.simulator.openfire.stanzas import (
    MalformedXmlError,
    StanzaError,
    build,
    escape,
    iq_error,
    iq_result,
    parse,
    presence,
    random_id,
    serialize,
    split_tag,
    stream_error,
)
from tests.simulator.support_xmpp import NS, tag


def test_element_is_read_with_its_namespaces() -> None:
    element = parse(
        "<iq xmlns='jabber:client' xml:lang='en'><a xmlns='x' b='1'>t&amp;t<![CDATA[<]]></a>u</iq>"
    )
    assert split_tag(element.tag) == ("jabber:client", "iq")
    assert element.attrib == {"{http://www.w3.org/XML/1998/namespace}lang": "en"}
    assert (element[0].tag, element[0].text, element[0].tail) == ("{x}a", "t&t<", "u")


def test_element_without_namespace_has_none() -> None:
    assert split_tag(parse("<?xml version='1.0'?><iq/>").tag) == ("", "iq")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "<a/><b/>",
        "<a>",
        "<a/>text",
        "<p:a/>",
        "<a>&unknown;</a>",
        "<a>\x00</a>",
        "<a>\ud800</a>",
        "<a><!-- comment --></a>",
        "<?target data?><a/>",
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        "<a>" * 65 + "</a>" * 65,
    ],
)
def test_anything_but_one_plain_element_is_rejected(text: str) -> None:
    with pytest.raises(MalformedXmlError):
        parse(text)


def test_built_xml_is_read_back_unchanged() -> None:
    text = "<&>\"'\t\n\r"
    element = ET.fromstring(build("a", {"b": text, "left-out": None}, escape(text), build("c"), xmlns="x"))
    assert (element.tag, element.attrib, element.text) == ("{x}a", {"b": text}, text)
    assert [child.tag for child in element] == ["{x}c"]


def test_characters_forbidden_in_xml_are_replaced() -> None:
    element = ET.fromstring(build("a", {"b": "\x01"}, escape("x\x00y")))
    assert (element.get("b"), element.text) == ("\ufffd", "x\ufffdy")


def test_parsed_element_is_written_with_the_same_meaning() -> None:
    text = (
        "<query xmlns='q' xml:lang='de' xmlns:o='other' o:mark='1'>a&lt;b<o:item id='&quot;'/>tail"
        "<plain xmlns=''>p</plain></query>"
    )
    written = serialize(parse(text))
    assert ET.canonicalize(written, rewrite_prefixes=True) == ET.canonicalize(text, rewrite_prefixes=True)


def test_inherited_namespace_is_not_declared_again() -> None:
    assert serialize(parse("<a xmlns='x'><b/></a>"), "x") == "<a><b/></a>"


def test_random_ids_have_their_length_and_differ() -> None:
    first, second = random_id(40), random_id(40)
    assert len(first) == 40
    assert first.isalnum()
    assert first != second


def test_result_goes_back_to_the_sender_of_the_request() -> None:
    request = parse("<iq xmlns='jabber:client' type='get' id='1' to='pubsub.finesse.sim'/>")
    reply = ET.fromstring(iq_result(request, "1001@finesse.sim/r"))
    assert reply.attrib == {
        "type": "result",
        "id": "1",
        "from": "pubsub.finesse.sim",
        "to": "1001@finesse.sim/r",
    }


@pytest.mark.parametrize(
    ("condition", "kind", "code"),
    [
        ("bad-request", "modify", "400"),
        ("not-authorized", "auth", "401"),
        ("forbidden", "auth", "403"),
        ("item-not-found", "cancel", "404"),
        ("not-allowed", "cancel", "405"),
        ("not-acceptable", "modify", "406"),
        ("conflict", "cancel", "409"),
        ("unexpected-request", "wait", "400"),
        ("feature-not-implemented", "cancel", "501"),
        ("service-unavailable", "cancel", "503"),
    ],
)
def test_error_has_type_and_legacy_code(condition: str, kind: str, code: str) -> None:
    error = ET.fromstring(iq_error(parse("<iq xmlns='jabber:client' id='1'/>"), "x", StanzaError(condition)))
    found = error.find("c:error", NS)
    assert found is not None
    assert (found.get("type"), found.get("code")) == (kind, code)
    assert [child.tag for child in found] == [tag(f"stanzas:{condition}")]


def test_error_echoes_the_request_and_adds_the_pubsub_detail() -> None:
    request = parse(
        "<iq xmlns='jabber:client' id='1'><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>"
    )
    error = ET.fromstring(iq_error(request, "x", StanzaError("bad-request", "invalid-jid")))
    assert [child.tag for child in error] == [tag("ps:pubsub"), tag("c:error")]
    assert [child.tag for child in error[1]] == [tag("stanzas:bad-request"), tag("pserr:invalid-jid")]


def test_stream_errors_declare_their_prefix() -> None:
    error = ET.fromstring(stream_error("conflict"))
    assert (error.tag, error[0].tag) == (tag("stream:error"), tag("streams:conflict"))


def test_presence_is_available_by_default() -> None:
    assert ET.fromstring(presence("a", "b")).attrib == {"from": "a", "to": "b"}
    assert ET.fromstring(presence("a", "b", kind="unavailable")).get("type") == "unavailable"
