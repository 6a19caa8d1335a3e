"""Secrets that are easy to recognize, and a search for them in any encoding.

The search shares no code with ``mcp_finesse.redaction``: it decodes what it finds instead of encoding the secrets.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, unquote_plus

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){6,}")


def readings(text: str) -> Iterable[str]:
    """Yield the text, and what it says to a reader who undoes one or two encodings."""
    once = [text, *_decoded(text)]
    yield from once
    for each in once[1:]:
        yield from _decoded(each)


def _decoded(text: str) -> Iterable[str]:
    yield unquote(text)
    yield unquote_plus(text)
    yield html.unescape(text)
    characters = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    yield re.sub(r'\\(["\\/])', r"\1", characters)
    for run in _BASE64.findall(text):
        plain = run.rstrip("=").translate(str.maketrans("-_", "+/"))
        for begin in range(4):  # a run may begin anywhere in the encoded text
            part = plain[begin:]
            part = part[:-1] if len(part) % 4 == 1 else part
            try:
                yield base64.b64decode(part + "=" * (-len(part) % 4)).decode("utf-8", "replace")
            except binascii.Error:
                continue
    for run in _HEX.findall(text):
        yield bytes.fromhex(run).decode("utf-8", "replace")


def found_in(text: str, secrets: Iterable[str]) -> list[str]:
    """Return where a secret occurs in a text, each with what surrounds it."""
    wanted = list(secrets)
    found = []
    for reading in readings(text):
        for secret in wanted:
            at = reading.find(secret)
            if at >= 0:
                found.append(f"{secret!r} in {reading[max(0, at - 120) : at + len(secret) + 40]!r}")
    return found


def text_of_folder(folder: Path) -> str:
    """Return the names and contents of all files below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "\n".join(f"{path}\n{path.read_bytes().decode('utf-8', 'replace')}" for path in files)


def self_test(secret: str) -> list[str]:
    """Return encodings of a secret, each of which the search must find."""
    data = secret.encode()
    return [
        secret,
        "".join(f"%{byte:02X}" for byte in data),
        html.escape(secret),
        "".join(f"&#{ord(character)};" for character in secret),
        json.dumps(secret),
        json.dumps(json.dumps(secret)),
        base64.b64encode(data).decode(),
        base64.urlsafe_b64encode(b"1001:" + data).decode(),
        "Basic " + base64.b64encode(b"user:" + data + b"!").decode(),
        base64.b64encode(b"\0001001\0" + data).decode(),
        data.hex(),
        "x" + base64.b64encode(data).decode(),
    ]
