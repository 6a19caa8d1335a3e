"""Parses numbers from the network, files and users, with limited length and ASCII digits only. A leaf module.

``int()`` accepts non-ASCII digits and underscores. ``int()`` accepts up to 4,300 digits, and raises for more
digits. The results can overflow a clock, a float or a database. External text is therefore never passed
directly to ``int()`` or ``float()``.
"""

from __future__ import annotations

import json
import math
import unicodedata
from typing import Any

MAX_DIGITS = 18
"""Maximum number of digits, so that numbers fit in 64 bits."""


def parse_int(text: str, *, max_digits: int = MAX_DIGITS) -> int | None:
    """Parse an integer. Return None if ``text`` is not an integer or has more than ``max_digits`` digits.

    A sign and surrounding whitespace are allowed.
    """
    text = text.strip()
    digits = text[1:] if text[:1] in ("-", "+") else text
    return int(text) if is_digits(digits, max_digits=max_digits) else None


def canonical_id(text: str) -> str:
    """Return an id without surrounding whitespace, and a decimal id with ASCII digits and without leading zeros.

    Finesse may accept several spellings of one id. Rules compare the canonical spelling, which is also sent.
    """
    text = text.strip()
    if not text.isdecimal():
        return text
    return "".join(str(unicodedata.decimal(digit)) for digit in text).lstrip("0") or "0"


def is_digits(text: str, *, max_digits: int = MAX_DIGITS) -> bool:
    """Return whether ``text`` consists of 1 to ``max_digits`` ASCII digits."""
    return 0 < len(text) <= max_digits and text.isascii() and text.isdecimal()


def parse_json(data: bytes | str) -> Any:
    """Parse a JSON document with limits on its numbers.

    Raises:
        ValueError: the text is not JSON or is nested too deeply, or a number is too long, infinite or NaN.
    """
    try:
        return json.loads(data, parse_int=_json_int, parse_float=_json_float, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def _json_int(text: str) -> int:
    number = parse_int(text)
    if number is None:
        raise ValueError("a number is too long")
    return number


def _json_float(text: str) -> float:
    number = float(text) if len(text) <= 400 else math.inf
    if not math.isfinite(number):
        raise ValueError("a number is out of range")
    return number


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")
