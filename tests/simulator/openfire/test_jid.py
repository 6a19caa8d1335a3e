"""Test that addresses are compared as Openfire compares them, and that user ids are escaped once."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.openfire.jid import Jid, escape_user, unescape_user


def test_full_jid_has_three_parts() -> None:
    jid = Jid.parse("1001@finesse.sim/desk/top@home")
    assert (jid.user, jid.domain, jid.resource) == ("1001", "finesse.sim", "desk/top@home")
    assert str(jid) == "1001@finesse.sim/desk/top@home"
    assert str(jid.bare) == "1001@finesse.sim"


def test_user_and_domain_ignore_case_and_resource_does_not() -> None:
    assert Jid.parse("JDoe@Finesse.SIM/A") == Jid.parse("jdoe@finesse.sim/A")
    assert Jid.parse("jdoe@finesse.sim/A") != Jid.parse("jdoe@finesse.sim/a")


def test_domain_alone_is_a_jid() -> None:
    assert str(Jid.parse("finesse.sim")) == "finesse.sim"


@pytest.mark.parametrize(
    "text", ["", "@finesse.sim", "1001@", "1001@finesse.sim/", "a@b@c", "a@b/\x01", f"a@b/{'é' * 600}"]
)
def test_invalid_jid_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="JID"):
        Jid.parse(text)


@pytest.mark.parametrize(
    ("user_id", "user"),
    [
        ("1001", "1001"),
        ("jane@corp.test", r"jane\40corp.test"),
        ("a b/c:d<e>f&g\"h'i", r"a\20b\2fc\3ad\3ce\3ef\26g\22h\27i"),
        (r"corp\jane", r"corp\jane"),
        (r"odd\40", r"odd\5c40"),
    ],
)
def test_user_ids_are_escaped_and_unescaped(user_id: str, user: str) -> None:
    assert escape_user(user_id) == user
    assert unescape_user(user) == user_id
