"""The arguments that several tools share, lenient where models are: ``1001``, ``not ready``."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from mcp_finesse.server.limits import MAX_ITEMS, MAX_TEXT

LongText = Annotated[str, Field(coerce_numbers_to_str=True, min_length=1)]
"""A document: a layout, a file of contacts."""


def _short(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise PydanticCustomError(
            "far_too_long",
            "has {length} characters; at most {most} are taken",
            {"length": len(text), "most": MAX_TEXT},
        )
    return text


# Not in the schema: models pay for every token of it, and nothing that is an id or a label comes near.
Text = Annotated[LongText, AfterValidator(_short)]
"""Any id, number, extension or label; integers are taken as text."""

DialogId = Annotated[Text | None, Field(description="Default: the only call this fits")]
Destination = Annotated[Text, Field(description="Number or extension to dial")]
Variables = Annotated[
    dict[str, Annotated[str, Field(coerce_numbers_to_str=True)]],
    Field(description="Names (callVariable1-10, user.*) and values"),
]
Reason = Annotated[Text | None, Field(description="Label, code or id, see get_codes")]
Limit = Annotated[int, Field(ge=1, le=MAX_ITEMS)]


def _as_word(value: object) -> object:
    return value.strip().upper().replace(" ", "_").replace("-", "_") if isinstance(value, str) else value


Word = BeforeValidator(_as_word)
"""Put before a Literal of Finesse's upper-case words: accepts them in any case, with blanks or hyphens."""
