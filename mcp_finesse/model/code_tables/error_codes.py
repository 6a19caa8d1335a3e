"""The catalogue of error and system reason codes of Finesse, with lookup, similarity search and advice."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from mcp_finesse.errors import ApiErrorDetail
from mcp_finesse.model.code_tables.ccx import CCX
from mcp_finesse.model.code_tables.cti import CTI
from mcp_finesse.model.code_tables.cti_agent import CTI_AGENT
from mcp_finesse.model.code_tables.error_types import ERROR_TYPES
from mcp_finesse.model.code_tables.meaning import CodeMeaning
from mcp_finesse.model.code_tables.media import MEDIA
from mcp_finesse.model.code_tables.reasons import REASONS
from mcp_finesse.model.platform import Platform
from mcp_finesse.numbers import is_digits

CATALOGUE: tuple[CodeMeaning, ...] = (*CTI, *CTI_AGENT, *CCX, *MEDIA, *ERROR_TYPES, *REASONS)

# For these error types the data is a code even without a constant. For other types the data is a parameter or a
# user id.
_TYPES_WITH_CODES = frozenset({"generic error", "call operation failure", "invalid state"})
_CONSTANT_FAMILIES = (("CF_", "cti"), ("CCX_", "ccx"), ("E_ARM_", "media"))
# "INVALID_STATE" and "invalid-state" are equivalent to "Invalid State".
_SEPARATORS = re.compile(r"[\W_]+")
# Finesse shows the state and then the label of the reason, as in "Not Ready - Call Not Answered".
_STATES = ("not ready ", "logged out ", "log out ", "logout ")


def _key(text: str) -> str:
    return _SEPARATORS.sub(" ", text).strip().lower()


def _index() -> dict[str, tuple[CodeMeaning, ...]]:
    index: dict[str, tuple[CodeMeaning, ...]] = {}
    for meaning in CATALOGUE:
        for name in {
            meaning.code if _is_number(meaning.code) else _key(meaning.code),
            _key(meaning.constant),
            *map(_key, meaning.label.split("/")),
        }:
            if name:
                index[name] = (*index.get(name, ()), meaning)
    return index


def _is_number(text: str) -> bool:
    return is_digits(text.removeprefix("-"))


_INDEX = _index()


def explain(code_or_type: str | int, platform: Platform | None = None) -> list[CodeMeaning]:
    """Return all meanings of a code, constant, label or ErrorType. Empty if it is unknown.

    Families number their codes independently, so a number can have several meanings: 33 is a busy resource
    (CTI), an unknown service (media) and a reason code (UCCX). The lookup ignores case, blanks, underscores, text
    after a colon (``INVALID_DIALOG_ID: 3310``) and the state before a label (``Not Ready - Offhook``).

    Args:
        code_or_type: text from an error, a reason or another tool.
        platform: the platform. If the code has a meaning on this platform, reason codes of the other platform
            are omitted.
    """
    text = str(code_or_type).strip()
    if _is_number(text):
        return _of_platform(_INDEX.get(str(int(text)), ()), platform)
    names = (_key(text), _without_state(_key(text)), _key(text.partition(":")[0]))
    return _of_platform(next((_INDEX[name] for name in names if name in _INDEX), ()), platform)


def _without_state(name: str) -> str:
    return next((name.removeprefix(state) for state in _STATES if name.startswith(state)), name)


def _of_platform(meanings: Iterable[CodeMeaning], platform: Platform | None) -> list[CodeMeaning]:
    found = list(meanings)
    if platform is None or not any(each.platform == platform for each in found):
        return found
    return [each for each in found if each.platform in ("", platform)]


def similar(text: str, limit: int = 5) -> list[CodeMeaning]:
    """Return codes that an unknown text may mean: the spelling is similar, or the meaning contains words of the text.

    Args:
        text: a misspelled code, constant or ErrorType, or a description of what happened.
        limit: the maximum number of results. Results with a similar spelling come first.
    """
    wanted = _key(text.strip()[:100])
    number = _is_number(wanted)
    alike = difflib.get_close_matches(wanted, _INDEX, limit, 0.8 if number else 0.7)
    found = {id(meaning): meaning for name in alike for meaning in _INDEX[name]}
    words = [] if number else [word for word in wanted.split() if len(word) > 2]
    for meaning in CATALOGUE if words else ():
        said = _key(f"{meaning.constant} {meaning.label} {meaning.meaning} {meaning.likely_cause}")
        if all(word in said for word in words):
            found.setdefault(id(meaning), meaning)
    return list(found.values())[:limit]


def advice_for(details: Iterable[ApiErrorDetail]) -> str:
    """Return the advice for errors, taken from the most specific meaning of each error. Empty without advice.

    An error that contains a message of the peripheral itself has no advice.
    """
    guessed = (detail for detail in details if not detail.peripheral_text)
    advice = dict.fromkeys(meaning.what_to_do for detail in guessed if (meaning := _most_exact(detail)))
    return " ".join(advice)


def media_meaning_of(details: Iterable[ApiErrorDetail]) -> str:
    """Return the meanings of nonvoice media errors. Empty for other errors, because their own texts are clear."""
    found = (_most_exact(detail) for detail in details)
    return " ".join(dict.fromkeys(m.meaning for m in found if m is not None and m.family == "media"))


def _most_exact(detail: ApiErrorDetail) -> CodeMeaning | None:
    """Return the most specific meaning. Look up the constant first, then the number, then the type."""
    by_constant = (meaning for meaning in explain(detail.message) if meaning.constant)
    by_number = (meaning for meaning in _numbers(detail) if meaning.family in _families(detail))
    return next(by_constant, None) or next(by_number, None) or next(iter(explain(detail.type)), None)


def _numbers(detail: ApiErrorDetail) -> list[CodeMeaning]:
    numbers = [text for text in (detail.type.strip(), detail.data.strip()) if _is_number(text)]
    # the value 0 means that the error has no code
    return [meaning for text in numbers if int(text) for meaning in explain(text)]


def _families(detail: ApiErrorDetail) -> tuple[str, ...]:
    """Return the families of codes that this error can contain."""
    if detail.media:
        return ("media",)
    for prefix, family in _CONSTANT_FAMILIES:
        if detail.message.startswith(prefix):
            return (family,)
    kind = detail.type.strip()
    return ("cti", "ccx") if _is_number(kind) or kind.lower() in _TYPES_WITH_CODES else ()
