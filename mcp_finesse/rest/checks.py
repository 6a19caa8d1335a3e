"""What can be refused before anything is sent: only rules that are cheap and certain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model.limits import (
    CALL_VARIABLE_BYTES,
    ECC_TOTAL_BYTES,
    ECC_VALUE_BYTES,
    WRAP_UP_LABEL_BYTES,
)

_CALL_VARIABLE = re.compile(r"callVariable([1-9]|10)")
_ECC_VARIABLE = re.compile(r"(?P<name>user\.\w[\w.\-]*)(\[(?P<index>\d+)\])?", re.ASCII)
_DTMF = re.compile(r"[0-9A-D*#]+")


def check_present(field: str, value: str) -> str:
    """The value without blanks at its ends; refused when nothing is left."""
    text = value.strip()
    if not text:
        refuse(f"{field} is empty.", f"Give {field}.")
    return text


def check_address(field: str, value: str) -> str:
    """A number or an extension: not empty, and ASCII, which is all that Finesse dials (guide p.81)."""
    text = check_present(field, value)
    if not text.isascii() or not text.isprintable():
        refuse(f"{field} holds characters that cannot be dialled.", "Use ASCII characters only.")
    return text


def check_dtmf(digits: str) -> str:
    """Tones that a phone has: ``0-9``, ``*``, ``#``, and on UCCE ``A-D`` (guide p.92)."""
    if not _DTMF.fullmatch(digits):
        refuse("digits holds something that is not a tone.", "Use 0-9, * and #, on UCCE also A, B, C and D.")
    return digits


def check_wrap_up_label(label: str) -> str:
    """The label of a wrap-up reason, at most 39 bytes."""
    check_present("wrap_up_reason", label)
    _check_bytes("wrap_up_reason", label, WRAP_UP_LABEL_BYTES)
    return label


def check_call_variables(variables: Mapping[str, str]) -> None:
    """Names and sizes of call variables (guide p.87 to 91, 118).

    ``callVariable1`` to ``callVariable10`` hold 40 bytes each; ECC variables (``user.x``, ``user.x[0]``)
    210 bytes each and, with their names and indexes, 2000 bytes together. Finesse refuses a request with
    a duplicate or one of the dialer's ``BA...`` variables, and cuts an ECC value too long without a word.

    Raises:
        InvalidRequestError: names the variable, the limit and the length.
    """
    seen: set[tuple[str, int | None]] = set()
    ecc_bytes = 0
    for name, value in variables.items():
        ecc = _ECC_VARIABLE.fullmatch(name)
        if ecc is not None:
            _check_bytes(name, value, ECC_VALUE_BYTES)
            ecc_bytes += _bytes(name) + _bytes(value)
            identity = (ecc["name"], int(ecc["index"]) if ecc["index"] else None)
        elif _CALL_VARIABLE.fullmatch(name):
            _check_bytes(name, value, CALL_VARIABLE_BYTES)
            identity = (name, None)
        else:
            _refuse_name(name)
        if identity in seen:
            refuse(f"The call variable {name} occurs twice.", "Name each variable once.")
        seen.add(identity)
    if ecc_bytes > ECC_TOTAL_BYTES:
        refuse(
            f"The ECC variables take {ecc_bytes} bytes with their names; the limit is {ECC_TOTAL_BYTES}.",
            "Send fewer or shorter ones.",
        )


def refuse(message: str, advice: str) -> NoReturn:
    """Raise ``InvalidRequestError``."""
    raise InvalidRequestError(message, advice=advice)


def _refuse_name(name: str) -> NoReturn:
    shown = name if len(name) <= 40 else f"{name[:40]}..."
    if name.startswith("BA"):
        refuse(
            f"The call variable {shown} belongs to the outbound dialer.", "It can be read but not written."
        )
    refuse(
        f"{shown!r} is not the name of a call variable.",
        "Use callVariable1 to callVariable10, user.name or user.name[index], in exactly this case.",
    )


def _check_bytes(field: str, value: str, limit: int) -> None:
    size = _bytes(value)
    if size > limit:
        refuse(f"{field} has {size} bytes in UTF-8; the limit is {limit}.", "Shorten it.")


def _bytes(text: str) -> int:
    """Size in UTF-8; half a surrogate pair counts too, and is refused when the body is built."""
    return len(text.encode(errors="surrogatepass"))
