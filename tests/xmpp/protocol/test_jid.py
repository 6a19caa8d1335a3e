"""JIDs: the escapes of XEP-0106 and comparison."""

from __future__ import annotations

import re

import pytest
from slixmpp.jid import JID

from mcp_finesse.xmpp.protocol.jid import escape_user_id, full_jid, same_jid, split_jid


@pytest.mark.parametrize(
    ("user_id", "node"),
    [
        ("5001", "5001"),
        ("jane@corp.test", r"jane\40corp.test"),
        ("a b\"c&d'e/f:g<h>i", r"a\20b\22c\26d\27e\2ff\3ag\3ch\3ei"),
        (r"back\slash", r"back\slash"),
        (r"already\40escaped", r"already\5c40escaped"),
        (r"c:\5commas", r"c\3a\5c5commas"),
    ],
)
def test_user_id_is_escaped_according_to_xep_0106(user_id: str, node: str) -> None:
    assert escape_user_id(user_id) == node
    escapes = r"\\(20|22|26|27|2f|3a|3c|3e|40|5c)"
    assert re.sub(escapes, lambda match: chr(int(match[1], 16)), node) == user_id


def test_escaped_id_passes_slixmpp_unchanged() -> None:
    jid = JID(full_jid("Jane@corp.test", "Fin.Example.Test", "r"))
    assert jid.full == r"jane\40corp.test@fin.example.test/r"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("A@D.test/r", "a@d.TEST/r", True),
        ("a@d/r", "a@d/R", False),
        ("a@d", "a@d/r", False),
        ("a@d/x/y", "a@d/x/y", True),
    ],
)
def test_jid_comparison_ignores_case_except_in_the_resource(one: str, other: str, same: bool) -> None:
    assert same_jid(one, other) is same


def test_resource_may_contain_a_slash() -> None:
    assert split_jid("A@d/x/y") == ("a@d", "x/y")
    assert split_jid("d") == ("d", "")
