"""Configuration objects are read leniently, checked strictly, and written in wire names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mcp_finesse.model import build, parse
from mcp_finesse.model.admin import (
    Content,
    PhoneBook,
    ReasonCodeContent,
    WorkflowActionContent,
    WorkflowContent,
    WrapUpReasonContent,
    find_problems,
    parse_content,
)


def test_what_is_given_is_written_in_the_order_of_the_guide() -> None:
    code = ReasonCodeContent(for_all=True, label="Tea & cake", code=41, category="NOT_READY")
    assert build("ReasonCode", code.to_wire()) == (
        b"<ReasonCode><category>NOT_READY</category><code>41</code><label>Tea &amp; cake</label>"
        b"<forAll>true</forAll></ReasonCode>"
    )


def test_what_is_not_given_or_none_is_not_written() -> None:
    assert ReasonCodeContent(label="Tea", code=None).to_wire() == {"label": "Tea"}


def test_an_empty_text_and_an_empty_list_are_written() -> None:
    content = WorkflowContent(description="", workflow_actions=[])
    assert build("Workflow", content.to_wire()) == (
        b"<Workflow><description></description><workflowActions/></Workflow>"
    )


def test_the_id_is_taken_from_the_uri() -> None:
    book = PhoneBook.from_element(
        parse(
            "<PhoneBook><uri>/finesse/api/PhoneBook/7</uri><name>North</name><type>TEAM</type>"
            "<contacts>/finesse/api/PhoneBook/7/Contacts</contacts><colour>red</colour></PhoneBook>"
        )
    )
    assert (book.id, book.name, book.type) == (7, "North", "TEAM")
    assert book.contacts == "/finesse/api/PhoneBook/7/Contacts"
    assert book.extra == {"colour": "red"}


@pytest.mark.parametrize("uri", ["", "/finesse/api/PhoneBook/default"])
def test_without_a_number_in_the_uri_there_is_no_id(uri: str) -> None:
    assert PhoneBook.from_element(parse(f"<PhoneBook><uri>{uri}</uri><name>x</name></PhoneBook>")).id is None


def test_what_breaks_a_limit_can_be_read_all_the_same() -> None:
    text = f"<PhoneBook><type>OTHER</type><name>{'x' * 500}</name></PhoneBook>"
    assert PhoneBook.from_element(parse(text)).type == "OTHER"


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (ReasonCodeContent, {"colour": "red"}, "colour: Extra inputs are not permitted"),
        (ReasonCodeContent, {"code": "many"}, "code: Input should be a valid integer"),
        (ReasonCodeContent, {"code": 1.5}, "code: Input should be a valid integer"),
        (ReasonCodeContent, {"for_all": "perhaps"}, "for_all: Input should be a valid boolean"),
        (ReasonCodeContent, {"label": ["x"]}, "label: Input should be a valid string"),
        (ReasonCodeContent, {"forAll": True}, "forAll: Extra inputs"),
        (ReasonCodeContent, "text", "Input should be a valid dictionary"),
        (WorkflowContent, {"trigger_set": {"when": "x"}}, "trigger_set.when: Extra inputs"),
        (WorkflowContent, {"workflow_actions": [{"uri": 1}]}, "workflow_actions[0].uri: Input should be"),
        (WorkflowContent, {"workflow_actions": "x"}, "workflow_actions: Input should be a valid list"),
    ],
)
def test_what_does_not_fit_is_told_by_field_and_not_repeated(
    kind: type[Content], values: Any, words: str
) -> None:
    content, told = parse_content(kind, values)
    assert content is None
    assert words in told
    assert "many" not in told


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (ReasonCodeContent(label="x" * 41), "label has 41 characters; the limit is 40."),
        (WrapUpReasonContent(label="é" * 20), "label has 40 bytes in UTF-8; the limit is 39."),
        (
            WorkflowContent.model_validate({"condition_set": {"apply_method": "SOME"}}),
            "condition_set.apply_method is 'SOME'; it must be ANY or ALL.",
        ),
        (
            WorkflowContent.model_validate({"workflow_actions": [{"uri": "x"}]}),
            "workflow_actions[0].uri is 'x'",
        ),
        (
            WorkflowActionContent.model_validate({"action_variables": [{"name": "x" * 33}]}),
            "action_variables[0].name has 33 characters; the limit is 32.",
        ),
    ],
)
def test_problems_name_the_field_down_the_tree(content: Content, words: str) -> None:
    ((message, advice),) = find_problems(content)
    assert words in message
    assert advice


def test_all_problems_are_told_at_once() -> None:
    assert len(list(find_problems(ReasonCodeContent(label="", code=0, category="LUNCH")))) == 3


def test_a_schema_says_what_can_be_set_and_nothing_else() -> None:
    schema = ReasonCodeContent.model_json_schema()
    assert list(schema["properties"]) == ["category", "code", "label", "for_all"]
    assert schema["properties"]["label"] == {
        "maxLength": 40,
        "minLength": 1,
        "type": "string",
        "description": "text shown to agents, unique in its category",
    }
    text = json.dumps(WorkflowContent.model_json_schema())
    assert '"null"' not in text
    assert "title" not in text
