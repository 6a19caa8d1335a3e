"""The tool that explains Finesse's codes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import CodeMeaning, explain, platform_of, similar
from mcp_finesse.server.arguments.arguments import Text
from mcp_finesse.server.present.results import Result
from mcp_finesse.server.present.summaries import plain
from mcp_finesse.server.present.uris import REFERENCE
from mcp_finesse.session import FinesseSession

_SHOWN = (
    "family",
    "platform",
    "code",
    "label",
    "constant",
    "meaning",
    "likely_cause",
    "what_to_do",
    "unconfirmed",
)


class ExplainResult(Result):
    """The possible meanings of a code. For an unknown code, ``similar`` lists known codes that resemble the code."""

    meanings: list[dict[str, Any]]
    similar: list[dict[str, Any]] | None = None
    read_more: str

    def __str__(self) -> str:
        lines = [_line(item) for item in self.meanings]
        if self.similar:
            lines += ["This code is not in the catalogue. Similar codes:"]
            lines += [_line(item) for item in self.similar]
        return "\n".join([*lines, f"Full list: resource {self.read_more}"])


def _line(item: dict[str, Any]) -> str:
    titles = {"likely_cause": "Likely cause: ", "what_to_do": "What to do: "}
    return " ".join(f"{titles.get(name, '')}{item[name]}" for name in _SHOWN if name in item)


async def explain_error(
    session: FinesseSession,
    code: Annotated[Text, Field(description="Code, name or words, such as 20999 or Invalid State")],
) -> ExplainResult:
    """Explain a Finesse, CTI, UCCX, media or reason code: meaning, likely cause, what to do.

    Use for codes in errors and reasons; for a lost connection use get_session_status. Returns meanings or
    similar codes, and read_more.
    """
    found = explain(code, platform_of(session.mirror.system))
    near = [] if found else similar(code)
    if not found and not near:
        raise InvalidRequestError(
            "This code is not in the catalogue, and no code is similar.",
            advice=f"All codes: resource {where_to_read([])}. Ask the Finesse administrator about the code.",
        )
    return ExplainResult(
        meanings=_plain(found), similar=_plain(near) or None, read_more=where_to_read(found or near)
    )


def where_to_read(meanings: Iterable[CodeMeaning]) -> str:
    """Return the reference page with the codes of these families. Without families, return the page of errors."""
    only_reasons = {meaning.family for meaning in meanings} == {"reason"}
    return f"{REFERENCE}/{'reason-codes' if only_reasons else 'error-codes'}"


def _plain(meanings: list[CodeMeaning]) -> list[dict[str, Any]]:
    return [plain(meaning) for meaning in meanings]
