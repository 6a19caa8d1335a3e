"""XML, JSON and other documents are redacted by the rule for each element."""

from __future__ import annotations

import pytest

from mcp_finesse.redaction import REDACTED, Redaction
from mcp_finesse.server.redacted_document import redact_document

REDACTION = Redaction.of(["user.account"], [r"ACC-\d{4}"])
VISA = "4111111111111111"


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        (
            "<c><CallVariable><name>user.account</name><value>12</value></CallVariable><id>1</id></c>",
            f"<c><CallVariable><name>user.account</name><value>{REDACTED}</value></CallVariable><id>1</id></c>",
        ),
        (
            "<v><value>12</value><name>USER.ACCOUNT</name></v>",
            f"<v><value>{REDACTED}</value><name>USER.ACCOUNT</name></v>",
        ),
        ("<v>4111<!-- a --><![CDATA[1111]]>1111&#49;111</v>", f"<v>{REDACTED}</v>"),
        (f"<v a='{VISA}'/>", f'<v a="{REDACTED}"/>'),
        (f"<v><b/>{VISA}</v>", f"<v><b/>{REDACTED}</v>"),
        (f"<Dialog><id>{VISA}</id></Dialog>", f"<Dialog><id>{VISA}</id></Dialog>"),
        ("<fromAddress>4915112345674</fromAddress>", "<fromAddress>4915112345674</fromAddress>"),
        ("<a>\n <b>fine &amp; ok</b>\n</a>", "<a>\n <b>fine &amp; ok</b>\n</a>"),
        (f'{{"a": ["{VISA}"]}}', f'{{"a": ["{REDACTED}"]}}'),
        ('{"name": "user.account", "value": "12"}', f'{{"name": "user.account", "value": "{REDACTED}"}}'),
        ('{"a":1}', '{"a":1}'),
        (f"plain {VISA}", f"plain {REDACTED}"),
        ("[ACC-1234", f"[{REDACTED}"),
        ("", ""),
    ],
)  # fmt: skip
def test_document_is_redacted_and_otherwise_unchanged(document: str, shown: str) -> None:
    assert redact_document(document, REDACTION) == shown


@pytest.mark.parametrize("end", ["", "</value>", "</value></v>", "<![CDATA[</a"])
def test_value_in_xml_that_was_cut_is_hidden_whatever_its_name(end: str) -> None:
    shown = redact_document(f"<v><name>user.account</name><value>secret{end}", REDACTION)
    assert "secret" not in shown
    assert REDACTED in shown


def test_disguised_card_number_in_xml_that_was_cut_is_redacted() -> None:
    assert redact_document("<v>&#52;111 1111 1111 1111", Redaction()) == f"<v>{REDACTED}"


XML = "<a><CallVariable><name>ssn</name><value>s3cret</value></CallVariable></a>"
JSON = '{"name": "ssn", "value": "s3cret"}'


@pytest.mark.parametrize(
    "document",
    [f"{before}{XML}" for before in ("\ufeff", "\ufeff \n", "\u200b", "Finesse: ", "{")] + [f"\ufeff{JSON}"],
)
def test_hidden_variable_is_redacted_behind_other_characters(document: str) -> None:
    shown = redact_document(document, Redaction.of(["ssn"]))
    assert "s3cret" not in shown
    assert REDACTED in shown
