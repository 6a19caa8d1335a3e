"""Limits: what they refuse, in which words, and what JSON schemas say of them."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from mcp_finesse.model.admin.limits import (
    Between,
    Characters,
    HostName,
    HttpsUrl,
    Items,
    Limit,
    NotEmpty,
    OneOf,
    UriOf,
    Utf8Bytes,
    shown,
)


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        (Characters(40), "é" * 40),
        (Characters(40, least=0), ""),
        (NotEmpty(), "x"),
        (Utf8Bytes(39), "x" * 39),
        (Between(1, 65535), 1),
        (Between(1, 65535), 65535),
        (OneOf(("GLOBAL", "TEAM")), "TEAM"),
        (Items(2), [1, 2]),
        (HostName(), "cti-a.example.com"),
        (HostName(may_be_empty=True), ""),
        (HttpsUrl(), "https://chat.example.com:5280/http-bind"),
        (HttpsUrl(), "HTTPS://chat"),
        (HttpsUrl(may_be_empty=True), ""),
        (UriOf("WorkflowAction"), "/finesse/api/WorkflowAction/2"),
    ],
)
def test_what_keeps_to_it_passes(limit: Limit, value: Any) -> None:
    assert limit.problem(value) == ""


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        (Characters(40), "x" * 41, "has 41 characters; the limit is 40"),
        (Characters(40), " ", "is empty"),
        (Characters(40, least=0), "x" * 41, "has 41 characters; the limit is 40"),
        (NotEmpty(), "\t", "is empty"),
        (Utf8Bytes(39), "é" * 20, "has 40 bytes in UTF-8; the limit is 39"),
        (Utf8Bytes(39), "\ud800" * 14, "has 42 bytes in UTF-8; the limit is 39"),
        (Utf8Bytes(39), "", "is empty"),
        (Between(1, 65535), 0, "is 0; it must be 1 to 65535"),
        (Between(1, 65535), -1, "is -1; it must be 1 to 65535"),
        (OneOf(("GLOBAL", "TEAM")), "team", "is 'team'; it must be GLOBAL or TEAM"),
        (Items(2), [1, 2, 3], "has 3 entries; the limit is 2"),
        (HostName(), "", "is ''; a host name contains only letters, digits, '.' and '-'"),
        (HostName(), "cti_a", "is 'cti_a'; a host name contains only letters, digits, '.' and '-'"),
        (HostName(), "cti-a\n", "a host name contains only letters"),
        (HttpsUrl(), "http://chat", "is 'http://chat'; it must be an address that begins with https://"),
        (HttpsUrl(), "https:///", "it must be an address"),
        (HttpsUrl(), "https://a b", "it must be an address"),
        (UriOf("Workflow"), "/finesse/api/Workflow/-1", "it must be like /finesse/api/Workflow/12"),
        (UriOf("Workflow"), "/finesse/api/WorkflowAction/1", "it must be like /finesse/api/Workflow/12"),
    ],
)
def test_what_does_not_is_named_with_limit_and_length(limit: Limit, value: Any, words: str) -> None:
    assert words in limit.problem(value)


def test_a_long_value_is_not_repeated() -> None:
    assert shown("x" * 99) == f"'{'x' * 39}..."


@pytest.mark.parametrize(
    ("limit", "kind", "schema"),
    [
        (Characters(40), str, {"maxLength": 40, "minLength": 1}),
        (Characters(40, least=0), str, {"maxLength": 40}),
        (NotEmpty(), str, {"minLength": 1}),
        (Utf8Bytes(39), str, {"maxLength": 39, "minLength": 1}),
        (Between(1, 9), int, {"minimum": 1, "maximum": 9}),
        (OneOf(("A", "B")), str, {"enum": ["A", "B"]}),
        (Items(5), list, {"maxItems": 5}),
        (HostName(), str, {"pattern": r"^[A-Za-z0-9.\-]+$"}),
        (HostName(may_be_empty=True), str, {"pattern": r"^[A-Za-z0-9.\-]*$"}),
        (HttpsUrl(), str, {"pattern": "^https://.+$"}),
        (HttpsUrl(may_be_empty=True), str, {"pattern": "^(https://.+)?$"}),
        (UriOf("Workflow"), str, {"pattern": r"^/finesse/api/Workflow/\d+$"}),
    ],
)
def test_a_schema_tells_it_whether_the_value_may_be_missing_or_not(
    limit: Limit, kind: Any, schema: dict[str, Any]
) -> None:
    class Model(BaseModel):
        must: Annotated[kind, limit]
        may: Annotated[kind | None, limit] = None

    properties = Model.model_json_schema()["properties"]
    assert schema.items() <= properties["must"].items()
    assert schema.items() <= properties["may"]["anyOf"][0].items()
