"""Numbers in text from the network, from files and from users: bounded in length, ASCII digits only. A leaf.

``int()`` accepts other digits, underscores and any length up to 4,300 digits, beyond which it raises. Its results
can then overflow a clock, a float or a database. So no text of others is given to ``int()`` or ``float()`` directly.
"""

from __future__ import annotations

import json
import math
from typing import Any

MAX_DIGITS = 18
"""Digits of the longest number that is read: it fits 64 bits."""


def parse_int(text: str, *, max_digits: int = MAX_DIGITS) -> int | None:
    """Return the whole number that ``text`` is, or None when it is none or has more than ``max_digits`` digits.

    A sign and surrounding whitespace are allowed.
    """
    text = text.strip()
    digits = text[1:] if text[:1] in ("-", "+") else text
    return int(text) if is_digits(digits, max_digits=max_digits) else None


def is_digits(text: str, *, max_digits: int = MAX_DIGITS) -> bool:
    """Return whether ``text`` consists of 1 to ``max_digits`` ASCII digits."""
    return 0 < len(text) <= max_digits and text.isascii() and text.isdecimal()


def parse_json(data: bytes | str) -> Any:
    """Return the content of a JSON document whose numbers are bounded.

    Raises:
        ValueError: not JSON, nested too deeply, or a number that is too long, infinite or not a number.
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
