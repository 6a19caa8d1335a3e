"""Presence: whether Finesse is available, and which other clients are."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from mcp_finesse.xmpp.protocol.presence import MAX_SIBLINGS, PresenceBoard
from tests.xmpp.support import BARE, DOMAIN, FINESSE, JID, presence


def board_after(*stanzas: tuple[str, str]) -> PresenceBoard:
    board = PresenceBoard(JID, DOMAIN)
    for sender, kind in stanzas:
        board.take(ET.fromstring(presence(sender, kind)))
    return board


@pytest.mark.parametrize(
    ("stanzas", "available"),
    [
        ([], False),
        ([(FINESSE, "available")], True),
        ([(f"{FINESSE.upper()}/app", "available")], True),
        ([(f"{FINESSE}/a", "available"), (f"{FINESSE}/a", "unavailable")], False),
        (
            [(f"{FINESSE}/a", "available"), (f"{FINESSE}/b", "available"), (f"{FINESSE}/a", "unavailable")],
            True,
        ),
        ([(f"{FINESSE}/a", "available"), (FINESSE, "unavailable")], False),
        ([(f"{FINESSE}/a", "unavailable")], False),
        ([(f"{FINESSE}/a", "available"), (f"{FINESSE}/a", "error")], True),
        ([("other@fin.example.test/a", "available")], False),
        ([("finesse@elsewhere.test/a", "available")], False),
    ],
)
def test_finesse_is_available_while_one_of_its_sessions_is(
    stanzas: list[tuple[str, str]], available: bool
) -> None:
    assert board_after(*stanzas).finesse_available is available


def test_any_presence_of_finesse_counts_as_greeting() -> None:
    assert not board_after((f"{BARE}/desktop", "available")).greeted
    assert not board_after((FINESSE, "subscribe")).greeted
    assert board_after((FINESSE, "unavailable")).greeted


def test_siblings_are_other_sessions_of_the_same_user() -> None:
    desktop = f"{BARE}/desktop"
    assert board_after((desktop, "available"), (JID, "available"), (BARE, "available")).siblings == {desktop}
    assert board_after((f"5002@{DOMAIN}/desktop", "available")).siblings == set()
    assert (
        board_after((desktop, "available"), (desktop, "unavailable"), (desktop, "unavailable")).siblings
        == set()
    )


def test_presence_without_sender_is_ignored() -> None:
    board = PresenceBoard(JID, DOMAIN)
    board.take(ET.fromstring("<presence xmlns='jabber:client'/>"))
    assert not board.greeted


def test_number_of_remembered_siblings_is_bounded() -> None:
    board = board_after(*((f"{BARE}/{number}", "available") for number in range(60_000)))
    assert len(board.siblings) == MAX_SIBLINGS
    board.take(ET.fromstring(presence(f"{BARE}/0", "unavailable")))
    board.take(ET.fromstring(presence(f"{BARE}/desktop", "available")))
    assert f"{BARE}/desktop" in board.siblings


def test_overlong_address_is_not_remembered() -> None:
    assert board_after((f"{BARE}/{'x' * 5000}", "available")).siblings == set()
