"""The catalogue of codes: what Finesse's errors and system reason codes mean, and what to do about them."""

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

# Of an error without constant only these types carry a code as data; others a parameter or a user id.
_TYPES_WITH_CODES = frozenset({"generic error", "call operation failure", "invalid state"})
_CONSTANT_FAMILIES = (("CF_", "cti"), ("CCX_", "ccx"), ("E_ARM_", "media"))
# "INVALID_STATE" and "invalid-state" are the same name as "Invalid State".
_SEPARATORS = re.compile(r"[\W_]+")
# Finesse shows "Not Ready - Call Not Answered": the state, then the label of the reason.
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
    """Return every meaning of a code, a constant, a label or an ErrorType; empty when it is not known.

    Families number their codes independently, so a number can have several meanings: 33 is a busy
    resource (CTI), an unknown service (media) and a reason code (UCCX). Case, blanks, underscores, what follows
    a colon (``INVALID_DIALOG_ID: 3310``) and the state before a label (``Not Ready - Offhook``) do not matter.

    Args:
        code_or_type: what an error, a reason or another tool shows.
        platform: leaves out reason codes of the other platform if this one has a meaning too.
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
    """Codes that may be meant by a text that is none: alike in spelling, or with all its words in their meaning.

    Args:
        text: a misspelt code, constant or ErrorType, or words that describe what happened.
        limit: at most so many; those alike in spelling come first.
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
    """Return what to do about these errors: the advice of the most exact meaning of each, or empty.

    An error in which the peripheral itself says what is wrong needs no advice from this catalogue.
    """
    guessed = (detail for detail in details if not detail.peripheral_text)
    advice = dict.fromkeys(meaning.what_to_do for detail in guessed if (meaning := _most_exact(detail)))
    return " ".join(advice)


def media_meaning_of(details: Iterable[ApiErrorDetail]) -> str:
    """What errors of nonvoice media mean, in sentences; empty for others, whose own words say it."""
    found = (_most_exact(detail) for detail in details)
    return " ".join(dict.fromkeys(m.meaning for m in found if m is not None and m.family == "media"))


def _most_exact(detail: ApiErrorDetail) -> CodeMeaning | None:
    """A constant says more than a number, and a number more than a type (some stand in the type's place)."""
    by_constant = (meaning for meaning in explain(detail.message) if meaning.constant)
    by_number = (meaning for meaning in _numbers(detail) if meaning.family in _families(detail))
    return next(by_constant, None) or next(by_number, None) or next(iter(explain(detail.type)), None)


def _numbers(detail: ApiErrorDetail) -> list[CodeMeaning]:
    numbers = [text for text in (detail.type.strip(), detail.data.strip()) if _is_number(text)]
    # 0 is Finesse's way of saying that there is no code.
    return [meaning for text in numbers if int(text) for meaning in explain(text)]


def _families(detail: ApiErrorDetail) -> tuple[str, ...]:
    """The families whose numbers this error can carry."""
    if detail.media:
        return ("media",)
    for prefix, family in _CONSTANT_FAMILIES:
        if detail.message.startswith(prefix):
            return (family,)
    kind = detail.type.strip()
    return ("cti", "ccx") if _is_number(kind) or kind.lower() in _TYPES_WITH_CODES else ()
