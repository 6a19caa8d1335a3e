"""Messages to teams."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mcp_finesse.model import Author, TeamMessage, parse

_MESSAGE = """
<TeamMessage>
  <uri>/finesse/api/TeamMessage/5f0c2d1e</uri><id>5f0c2d1e</id>
  <createdBy><id>8800</id><firstName>Kim</firstName><lastName>Oda</lastName></createdBy>
  <createdAt>1893456000</createdAt><duration>600</duration><content>Switch to plan B</content>
  <teams><team>34</team><team>35</team></teams>
</TeamMessage>
"""


def read(xml: str) -> TeamMessage:
    return TeamMessage.from_element(parse(xml))


def test_a_message_is_read() -> None:
    got = read(_MESSAGE)

    assert got == TeamMessage(
        id="5f0c2d1e",
        uri="/finesse/api/TeamMessage/5f0c2d1e",
        created_by=Author(id="8800", first_name="Kim", last_name="Oda"),
        created_at=datetime(2030, 1, 1, tzinfo=UTC),
        duration=600,
        content="Switch to plan B",
        teams=["34", "35"],
    )
    assert got.expires_at == datetime(2030, 1, 1, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<createdAt>1893456000</createdAt>",
        "<duration>600</duration>",
        "<createdAt>soon</createdAt><duration>600</duration>",
        "<createdAt>1893456000</createdAt><duration>999999999999999</duration>",
    ],
)
def test_when_it_ends_may_not_be_known(inside: str) -> None:
    assert read(f"<teamMessage>{inside}</teamMessage>").expires_at is None


def test_a_message_without_id_is_named_by_its_uri() -> None:
    assert read("<teamMessage><uri>/finesse/api/TeamMessage/5f0c</uri></teamMessage>").id == "5f0c"
    assert read("<teamMessage/>").id == ""
