"""Parsing refuses what is hostile or broken, and names are compared loosely."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import InvalidRequestError, PayloadError
from mcp_finesse.model import xml
from mcp_finesse.model.xml import build, local_name, parse, text_of, to_mapping

_BOMB = (
    '<!DOCTYPE l [<!ENTITY a "'
    + "x" * 1000
    + '">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(8))
    + ']><l a="&i;">&i;</l>'
)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "   ",
        "<Update",
        "<a/><b/>",
        "<a></b>",
        "no xml at all",
        "<a>&undefined;</a>",
        "<a>\x01</a>",
        "\ud800",
        b"",
        b"\xff\xfe\x00",
        b"<a>\xc3</a>",
        "<a>" * 300 + "</a>" * 300,
    ],
)
def test_what_is_not_well_formed_is_a_payload_error(source: str | bytes) -> None:
    with pytest.raises(PayloadError, match="Not well-formed"):
        parse(source)


@pytest.mark.parametrize(
    "source",
    [
        "<!DOCTYPE a><a/>",
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b"<!DOCTYPE a><a/>",
        "<!DOCTYPE a><a/>".encode("utf-16"),
        _BOMB,
    ],
)
def test_a_document_type_is_refused(source: str | bytes) -> None:
    with pytest.raises(PayloadError):
        parse(source)


def test_the_word_doctype_in_a_value_is_only_data() -> None:
    assert parse("<a><![CDATA[<!DOCTYPE x>]]></a>").text == "<!DOCTYPE x>"


def test_a_document_beyond_the_size_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_BYTES", 20)

    assert parse("<a>0123456789</a>").tag == "a"
    with pytest.raises(PayloadError, match="limit of 20"):
        parse("<a>01234567890123456789</a>")


def test_text_is_taken_as_decoded_whatever_its_declaration_says() -> None:
    assert parse('<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>').text == "é"


def test_bytes_are_decoded_as_their_declaration_says() -> None:
    assert parse('<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>'.encode("latin-1")).text == "é"


def test_comments_and_instructions_do_not_split_a_value() -> None:
    assert parse("<a>1<!-- no -->2<?no no?>3</a>").text == "123"


@pytest.mark.parametrize(
    ("tag", "name"),
    [("User", "user"), ("user", "user"), ("{urn:x}ApiErrors", "apiErrors"), ("DNIS", "dNIS"), ("", "")],
)
def test_names_lose_namespace_and_the_case_of_their_first_letter(tag: str, name: str) -> None:
    assert local_name(tag) == name
    assert local_name(tag) == name, "the second time from memory"


def test_the_memory_of_names_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "_LOCAL_NAMES", {})
    monkeypatch.setattr(xml, "_LOCAL_NAMES_LIMIT", 2)

    assert [local_name(name) for name in ("One", "Two", "Three")] == ["one", "two", "three"]
    assert len(xml._LOCAL_NAMES) == 2


@pytest.mark.parametrize(("source", "text"), [("<a/>", None), ("<a> \n </a>", None), ("<a> x </a>", " x ")])
def test_empty_and_blank_mean_none(source: str, text: str | None) -> None:
    assert text_of(parse(source)) == text


def test_an_element_becomes_plain_python() -> None:
    root = parse("<Q xmlns='urn:x'><Name>n</Name><empty/><s><Ready>1</Ready></s><i>1</i><i/><i>3</i></Q>")

    assert to_mapping(root) == {"name": "n", "empty": None, "s": {"ready": "1"}, "i": ["1", None, "3"]}


def test_a_list_inside_a_repeated_name_stays_one_item() -> None:
    assert to_mapping(parse("<a><b><c>1</c><c>2</c></b><b>3</b></a>")) == {"b": [{"c": ["1", "2"]}, "3"]}


def test_a_mapping_is_bounded_in_depth() -> None:
    with pytest.raises(PayloadError, match="deeper than 64"):
        to_mapping(parse("<a>" * 100 + "</a>" * 100))


def test_a_body_is_written_in_the_order_given() -> None:
    content = {
        "requestedAction": "X",
        "flag": True,
        "off": False,
        "number": 7,
        "left_out": None,
        "list": {"Item": [{"name": "a"}, {"name": "b"}]},
        "empty": "",
    }

    assert build("Dialog", content) == (
        b"<Dialog><requestedAction>X</requestedAction><flag>true</flag><off>false</off><number>7</number>"
        b"<list><Item><name>a</name></Item><Item><name>b</name></Item></list><empty></empty></Dialog>"
    )


def test_values_are_escaped_and_come_back_unchanged() -> None:
    value = "<b> & \"q\" 'a' ]]> &lt; é 漢 \U0001f600"

    body = build("a", {"v": value})

    assert b"<b>" not in body
    assert to_mapping(parse(body)) == {"v": value}


@pytest.mark.parametrize("value", ["\x00", "a\x07b", "\ud800"])
def test_a_character_that_xml_cannot_carry_is_refused_by_name(value: str) -> None:
    with pytest.raises(InvalidRequestError, match="toAddress"):
        build("Dialog", {"toAddress": value})
