"""Reason codes and wrap-up reasons, whose database id may stand only in the uri."""

from __future__ import annotations

import pytest

from mcp_finesse.model import ReasonCode, WrapUpReason, parse, read_list


def test_a_list_of_codes_takes_the_ids_from_the_uris() -> None:
    root = parse(
        "<ReasonCodes category='NOT_READY'>"
        "<ReasonCode><uri>/finesse/api/ReasonCode/23</uri><category>NOT_READY</category><code>41</code>"
        "<label>Lunch</label><forAll>true</forAll><systemCode>false</systemCode></ReasonCode>"
        "<ReasonCode><uri>/finesse/api/ReasonCode/24</uri><code>42</code><id>99</id></ReasonCode>"
        "</ReasonCodes>"
    )

    first, second = read_list(root, ReasonCode)

    assert (first.id, first.code, first.label, first.for_all, first.system_code) == (
        23,
        41,
        "Lunch",
        True,
        False,
    )
    assert second.id == 99, "an id of its own wins"


@pytest.mark.parametrize("uri", ["/finesse/api/WrapUpReason/205", "/finesse/api/User/1001/WrapUpReason/205"])
def test_wrap_up_reasons_have_their_id_at_the_end_of_the_uri(uri: str) -> None:
    root = parse(
        f"<WrapUpReasons><WrapUpReason><label>Sale</label><forAll>false</forAll><uri>{uri}</uri>"
        "</WrapUpReason></WrapUpReasons>"
    )

    assert read_list(root, WrapUpReason) == [WrapUpReason(id=205, uri=uri, label="Sale", for_all=False)]


@pytest.mark.parametrize("uri", ["", "<uri>/finesse/api/ReasonCode/new</uri>", "<uri>/</uri>"])
def test_a_uri_without_number_gives_no_id(uri: str) -> None:
    assert ReasonCode.from_element(parse(f"<ReasonCode><label>x</label>{uri}</ReasonCode>")).id is None
