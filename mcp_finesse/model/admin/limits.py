"""Limits of configuration fields, as annotations. JSON schemas include the limits, and writing checks them.

Limits are not applied when reading, because objects from older releases or other platforms must stay readable.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

from mcp_finesse.redaction import truncated

_HOST = re.compile(r"[A-Za-z0-9.\-]+")
_SHOWN = 40


def shown(value: object) -> str:
    """Return a value as text for error messages, truncated."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{truncated(text, _SHOWN)}..."


class Limit(ABC):
    """A constraint on the value of a field."""

    @abstractmethod
    def problem(self, value: Any) -> str:
        """Return the violation as the end of a sentence that begins with the field name. Empty for a valid value."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return the JSON schema keywords for the limit."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Add the keywords to the schema for a value, not to the schema for null."""
        schema = handler(core)
        branches = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
        (branches[0] if branches else schema).update(self.schema())
        return schema


@dataclass(frozen=True, slots=True)
class Characters(Limit):
    """A string with a minimum and maximum number of characters."""

    most: int
    least: int = 1

    def problem(self, value: str) -> str:
        """Report a string that is too long, or that is empty although the limit requires text."""
        if self.least and not value.strip():
            return "is empty"
        if len(value) > self.most:
            return f"has {len(value)} characters; the limit is {self.most}"
        return ""

    def schema(self) -> dict[str, Any]:
        """Return the length limits."""
        return {"maxLength": self.most} | ({"minLength": self.least} if self.least else {})


@dataclass(frozen=True, slots=True)
class NotEmpty(Limit):
    """A non-empty string without a maximum length."""

    def problem(self, value: str) -> str:
        """Report an empty or blank string."""
        return "" if value.strip() else "is empty"

    def schema(self) -> dict[str, Any]:
        """Return the minimum length of one character."""
        return {"minLength": 1}


@dataclass(frozen=True, slots=True)
class Utf8Bytes(Limit):
    """A non-empty string with a maximum size in UTF-8 bytes."""

    most: int

    def problem(self, value: str) -> str:
        """Report a string that is too long or empty."""
        size = len(value.encode(errors="surrogatepass"))
        if not value.strip():
            return "is empty"
        return f"has {size} bytes in UTF-8; the limit is {self.most}" if size > self.most else ""

    def schema(self) -> dict[str, Any]:
        """Return the limit as a number of characters, because a string never has more characters than bytes."""
        return {"maxLength": self.most, "minLength": 1}


@dataclass(frozen=True, slots=True)
class Between(Limit):
    """A number within a range. Both ends are inclusive."""

    least: int
    most: int

    def problem(self, value: int) -> str:
        """Report a number out of range."""
        return (
            "" if self.least <= value <= self.most else f"is {value}; it must be {self.least} to {self.most}"
        )

    def schema(self) -> dict[str, Any]:
        """Return the minimum and the maximum."""
        return {"minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class OneOf(Limit):
    """One of a fixed set of values."""

    words: tuple[str, ...]

    def problem(self, value: str) -> str:
        """Report any other value."""
        return "" if value in self.words else f"is {shown(value)}; it must be {' or '.join(self.words)}"

    def schema(self) -> dict[str, Any]:
        """Return the allowed values."""
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Items(Limit):
    """A list with a maximum number of entries."""

    most: int

    def problem(self, value: Sequence[object]) -> str:
        """Report too many entries."""
        return f"has {len(value)} entries; the limit is {self.most}" if len(value) > self.most else ""

    def schema(self) -> dict[str, Any]:
        """Return the maximum number of entries."""
        return {"maxItems": self.most}


@dataclass(frozen=True, slots=True)
class HostName(Limit):
    """A host name or address: letters, digits, full stop and hyphen (guide p.208)."""

    may_be_empty: bool = False

    def problem(self, value: str) -> str:
        """Report characters that are not allowed."""
        if self.may_be_empty and not value:
            return ""
        if _HOST.fullmatch(value):
            return ""
        return f"is {shown(value)}; a host name contains only letters, digits, '.' and '-'"

    def schema(self) -> dict[str, Any]:
        """Return the pattern of allowed characters."""
        return {"pattern": f"^{_HOST.pattern.replace('+', '*' if self.may_be_empty else '+')}$"}


@dataclass(frozen=True, slots=True)
class HttpsUrl(Limit):
    """An https URL (guide p.253)."""

    may_be_empty: bool = False

    def problem(self, value: str) -> str:
        """Report another scheme, a missing host, or whitespace."""
        if self.may_be_empty and not value:
            return ""
        scheme, _, rest = value.partition("://")
        if scheme.lower() == "https" and rest.strip("/") and not re.search(r"\s", value):
            return ""
        return f"is {shown(value)}; it must be an address that begins with https://"

    def schema(self) -> dict[str, Any]:
        """Return the pattern of the prefix."""
        return {"pattern": "^(https://.+)?$" if self.may_be_empty else "^https://.+$"}


@dataclass(frozen=True, slots=True)
class UriOf(Limit):
    """The uri of an object of a given kind."""

    kind: str

    def problem(self, value: str) -> str:
        """Report any other value."""
        if re.fullmatch(rf"/finesse/api/{self.kind}/\d+", value, re.ASCII):
            return ""
        return f"is {shown(value)}; it must be like /finesse/api/{self.kind}/12"

    def schema(self) -> dict[str, Any]:
        """Return the pattern of the uri."""
        return {"pattern": rf"^/finesse/api/{self.kind}/\d+$"}
