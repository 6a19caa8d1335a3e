"""Redaction of secrets in text and data. No I/O, no state.

All patterns run in linear time for any text, because the text comes from the network.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

REDACTED = "[redacted]"

_MAX_DEPTH = 40
_SHORTEST_FRAGMENT = 6
"""A secret inside a longer base64 text is redacted only if at least this many base64 characters depend on it alone."""

_SECRET_NAME = re.compile(
    r"passw|passphrase|secret|token|credential|authorization|cookie|apikey|privatekey", re.IGNORECASE
)
_NOT_IN_NAME = re.compile(r"[\W_]")
_BASIC = re.compile(r"\b(basic\s+)([A-Za-z0-9+/]{4,}={0,2})", re.IGNORECASE)
_IN_TEXT: tuple[tuple[re.Pattern[str], str], ...] = (
    # Authorization headers of all schemes
    (re.compile(r"(authorization[\"']?\s*[:=]\s*[\"']?)[^\s\"']+(?:[ \t]+[^\s\"']+)?", re.IGNORECASE), r"\1"),
    (re.compile(r"\b(bearer\s+)[\w.~+/=-]{16,}", re.IGNORECASE), r"\1"),
    # user:password@ in an address
    (re.compile(r"(://[^\s/:@]+:)[^\s/@]+(?=@)"), r"\1"),
    # name=value and "name": "value"
    (
        re.compile(r"((?:password|passwd|secret|(?:access_|refresh_)?token)=)[^\s&;]+", re.IGNORECASE),
        r"\1",
    ),
    (
        re.compile(
            r"(\"(?:password|passwd|secret|(?:access_|refresh_)?token)\"\s*:\s*\")[^\"\\]*(?:\\.[^\"\\]*)*",
            re.IGNORECASE | re.DOTALL,
        ),
        r"\1",
    ),
)
# SASL exchanges (RFC 6120, 6.4) and elements named like a secret
_OPENING_TAG = re.compile(r"<([\w.:-]+)(?:\s[^<>]*)?>")
_SECRET_ELEMENT = re.compile(
    r"auth|response|[\w.-]{0,100}(?:passw(?:or)?d|passphrase|secret|token)", re.IGNORECASE
)
_ENTITIES = {"&": ("amp",), "<": ("lt",), ">": ("gt",), '"': ("quot",), "'": ("apos",)}
_MORE_FORMS = {" ": (r"\+",), "/": (r"\\/",)}
_CDATA = "<![CDATA["
_CDATA_END = "]]>"


def redact(value: Any, secrets: Collection[str] = (), public: Collection[str] = ()) -> Any:
    """Return a copy of ``value`` without secrets.

    Args:
        value: text, or nested mappings and sequences. Values under a key that names a secret are replaced
            completely. In text, credentials are recognized by their format. Objects of other types are not
            changed.
        secrets: known secrets, replaced wherever they occur, including base64, percent-encoded, and XML- or
            JSON-escaped forms.
        public: texts that are not secret, such as the user id. A password equal to the user id is replaced only
            where its format identifies it as a password. Replacing every occurrence would also hide the user id.

    Returns:
        The same structure, with :data:`REDACTED` in place of each secret.
    """
    return _redact(value, _known_pattern(tuple(secrets), tuple(public)), _MAX_DEPTH)


def _redact(value: Any, known: re.Pattern[str] | None, depth: int) -> Any:
    if isinstance(value, str):
        return _redact_text(value, known)
    if isinstance(value, bytes | bytearray):
        return _redact_text(value.decode("utf-8", "replace"), known)
    if depth == 0:
        return REDACTED  # deeper than any data of this package: do not show values that were not inspected
    if isinstance(value, Mapping):
        return {
            key: REDACTED if item is not None and _names_a_secret(key) else _redact(item, known, depth - 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact(item, known, depth - 1) for item in value]
    return value


def _names_a_secret(name: object) -> bool:
    return isinstance(name, str) and _SECRET_NAME.search(_NOT_IN_NAME.sub("", name)) is not None


def _redact_text(text: str, known: re.Pattern[str] | None) -> str:
    if known is not None:
        text = known.sub(REDACTED, text)
    text = _BASIC.sub(_redact_basic, text)
    for pattern, kept in _IN_TEXT:
        text = pattern.sub(kept + REDACTED, text)
    return "".join(_without_secret_elements(text)) if "<" in text else text


def _without_secret_elements(text: str) -> Iterator[str]:
    """Yield the text in pieces. Replace the content of XML elements whose names mark a secret."""
    shown = 0
    while (tag := _OPENING_TAG.search(text, shown)) is not None:
        begin = tag.end()
        yield text[shown:begin]
        shown = begin
        local_name = tag[1].rpartition(":")[2]
        if tag[0].endswith("/>") or _SECRET_ELEMENT.fullmatch(local_name[:200]) is None:
            continue
        shown = _end_of_content(text, begin)
        content = text[begin:shown]
        yield REDACTED if content.strip() else content
    yield text[shown:]


def _end_of_content(text: str, begin: int) -> int:
    """Return where an element's text ends: at the next tag, or at the end of the whole text if it was truncated."""
    end = begin
    while (end := text.find("<", end)) >= 0 and text.startswith(_CDATA, end):
        close = text.find(_CDATA_END, end)
        if close < 0:
            return len(text)
        end = close + len(_CDATA_END)
    return len(text) if end < 0 else end


def _redact_basic(match: re.Match[str]) -> str:
    # "Basic" is also an ordinary word: only text that decodes to user:password is a credential (RFC 7617, 2)
    try:
        decoded = base64.b64decode(match[2], validate=True)
    except (binascii.Error, ValueError):
        return match[0]
    return match[1] + REDACTED if b":" in decoded else match[0]


@lru_cache(maxsize=16)
def _known_pattern(secrets: tuple[str, ...], public: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return a pattern that matches all forms of the secrets, longest secret first. None if there are no secrets."""
    hidden = sorted({secret for secret in secrets if secret and secret not in public}, key=len, reverse=True)
    forms: list[str] = []
    for secret in hidden:
        encoded = sorted(_base64_forms(secret.encode(errors="replace")), key=len, reverse=True)
        forms += ["".join(map(_character_forms, secret)), *map(re.escape, encoded)]
    return re.compile("|".join(forms)) if forms else None


def _character_forms(character: str) -> str:
    """Return a pattern for one character: plain, percent-encoded, or escaped for XML (once or twice) or JSON."""
    code = ord(character)
    percent = "".join(f"%{byte:02x}" for byte in character.encode(errors="replace"))
    json_escape = json.dumps(character)[1:-1]
    entity = "|".join([f"#0{{0,7}}{code}", f"#x0{{0,7}}{code:x}", *_ENTITIES.get(character, ())])
    forms = [
        re.escape(character),
        f"(?i:{percent}|&(?:amp;)?(?:{entity});|\\\\u{code:04x})",
        re.escape(json_escape),
        *_MORE_FORMS.get(character, ()),
    ]
    return f"(?:{'|'.join(forms)})"


def _base64_forms(secret: bytes) -> Iterator[str]:
    """Yield the base64 form of the secret, and the parts contained in any base64 text that includes the secret."""
    yield base64.b64encode(secret).decode()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + secret).decode()
        first = (8 * before + 5) // 6  # index of the first character that depends only on the secret
        last = 8 * (before + len(secret)) // 6
        if last - first >= _SHORTEST_FRAGMENT:
            yield encoded[first:last]
            yield encoded[first:last].translate(str.maketrans("+/", "-_"))
