"""Validates values before a request is sent. Only rules that are certain and cheap to check are included.

Each function returns the valid value or raises InvalidRequestError with the field, the limit and the actual
value. Types are checked as well, because a model's arguments can reach a request in more than one way.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NoReturn

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import Platform, traits_of
from mcp_finesse.model.limits import EXTENSION_CHARACTERS_UCCX, WRAP_UP_LABEL_BYTES
from mcp_finesse.redaction import truncated

_SHOWN = 40
_DTMF = re.compile(r"[0-9A-D*#]+")


def check_text(field: str, value: object) -> str:
    """Require a string, which may be empty."""
    if not isinstance(value, str):
        refuse(f"{field} is {_kind(value)}, not text.", f"Give {field} as text.")
    return value


def check_present(field: str, value: object) -> str:
    """Require a non-blank string, and return the string stripped."""
    text = check_text(field, value).strip()
    if not text:
        refuse(f"{field} is empty.", f"Give {field}.")
    return text


def check_address(field: str, value: object) -> str:
    """Require a phone number or extension: non-empty ASCII text, because Finesse dials nothing else (guide p.81)."""
    text = check_present(field, value)
    if not text.isascii() or not text.isprintable():
        refuse(f"{field} contains characters that cannot be dialed.", "Use ASCII characters only.")
    return text


def check_extension(value: object, platform: str | None) -> str:
    """Require an extension for sign-in. UCCE forbids E.164 numbers. UCCX allows at most 15 characters (guide p.30)."""
    extension = check_address("extension", value)
    if platform == Platform.UCCE and extension.startswith("+"):
        refuse(
            "extension is an E.164 number. UCCE does not accept E.164 numbers for sign-in.",
            "Give the short extension.",
        )
    if platform == Platform.UCCX and len(extension) > EXTENSION_CHARACTERS_UCCX:
        refuse(
            f"extension has {len(extension)} characters; the limit is {EXTENSION_CHARACTERS_UCCX}.",
            "Give the extension of the phone.",
        )
    return extension


def check_other_address(field: str, value: object, own: str) -> str:
    """Require an address other than the agent's own, because Finesse rejects that as a destination (guide p.81)."""
    address = check_address(field, value)
    if address == own.strip():
        refuse(f"{field} is the agent's own extension.", "Call another number.")
    return address


def check_choice(field: str, value: object, allowed: Collection[str]) -> str:
    """Require one of the allowed values. The comparison is case-sensitive."""
    if not isinstance(value, str) or value not in allowed:
        refuse(f"{field} is {shown(value)}, which Finesse does not accept.", f"Use {', '.join(allowed)}.")
    return value


def check_number(field: str, value: object, least: int, most: int | None = None) -> int:
    """Require an integer within the given limits. Both limits are inclusive."""
    if isinstance(value, bool) or not isinstance(value, int):
        refuse(f"{field} is {_kind(value)}, not a whole number.", f"Give {field} as a number.")
    if value < least or (most is not None and value > most):
        limits = f"at least {least}" if most is None else f"{least} to {most}"
        refuse(f"{field} is {value}; it must be {limits}.", f"Give {field} within these limits.")
    return value


def check_flag(field: str, value: object) -> bool:
    """Require a bool. Other truthy or falsy values are refused."""
    if not isinstance(value, bool):
        refuse(f"{field} is {_kind(value)}, not true or false.", "Give true or false.")
    return value


def check_reason_code_id(value: object) -> int:
    """Require the database id of a reason. Refuse ``-1``, with which Finesse shows "no reason" (guide p.69)."""
    if value == -1:
        refuse(
            "reason_code_id is -1, which means no reason.", "Omit reason_code_id, or give the id of a reason."
        )
    return check_number("reason_code_id", value, 0)


def check_dtmf(digits: object, platform: str | None = None) -> str:
    """Require DTMF tones: ``0-9``, ``*`` and ``#``, and on UCCE also ``A-D`` (guide p.92)."""
    text = check_text("digits", digits)
    if not _DTMF.fullmatch(text):
        refuse(
            "`digits` contains characters that are not tones.",
            "Use 0-9, * and #, on UCCE also A, B, C and D.",
        )
    if platform is not None and not set(text) <= set(traits_of(Platform(platform)).dtmf_characters):
        refuse(f"`digits` contains a letter, which {platform} does not support.", "Use 0-9, * and #.")
    return text


def check_wrap_up_label(label: object) -> str:
    """Require the label of a wrap-up reason, which may have at most 39 bytes."""
    check_present("wrap_up_reason", label)
    return check_bytes("wrap_up_reason", label, WRAP_UP_LABEL_BYTES)


def check_length(field: str, value: object, limit: int) -> str:
    """Require a string of at most ``limit`` characters."""
    text = check_text(field, value)
    if len(text) > limit:
        refuse(f"{field} has {len(text)} characters; the limit is {limit}.", "Shorten the value.")
    return text


def check_bytes(field: str, value: object, limit: int) -> str:
    """Require a string of at most ``limit`` bytes in UTF-8."""
    text = check_text(field, value)
    if (size := size_of(text)) > limit:
        refuse(f"{field} has {size} bytes in UTF-8; the limit is {limit}.", "Shorten the value.")
    return text


def size_of(text: str) -> int:
    """Return the size of the UTF-8 encoding in bytes. Lone surrogates are counted, although ``build`` rejects them."""
    return len(text.encode(errors="surrogatepass"))


def shown(value: object) -> str:
    """Return a value as text for messages, truncated."""
    text = str(value)
    return repr(text if len(text) <= _SHOWN else f"{truncated(text, _SHOWN)}...")


def refuse(message: str, advice: str) -> NoReturn:
    """Raise ``InvalidRequestError``."""
    raise InvalidRequestError(message, advice=advice)


def _kind(value: object) -> str:
    return "missing" if value is None else f"of type {type(value).__name__}"
