"""Limits of configuration fields: marks in an annotation, told in JSON schemas and checked before writing.

Reading ignores them: what an older release or another platform stored must stay readable.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

_HOST = re.compile(r"[A-Za-z0-9.\-]+")
_SHOWN = 40


def shown(value: object) -> str:
    """A value for an error message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


class Limit(ABC):
    """What a value must keep to."""

    @abstractmethod
    def problem(self, value: Any) -> str:
        """What is wrong, as the end of a sentence that begins with the field; empty when nothing is."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """What a JSON schema says of it."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Tell the limit where the value is, not where its absence is."""
        schema = handler(core)
        branches = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
        (branches[0] if branches else schema).update(self.schema())
        return schema


@dataclass(frozen=True, slots=True)
class Characters(Limit):
    """A text of at least and at most so many characters."""

    most: int
    least: int = 1

    def problem(self, value: str) -> str:
        """Too long, or empty where it must not be."""
        if self.least and not value.strip():
            return "is empty"
        if len(value) > self.most:
            return f"has {len(value)} characters; the limit is {self.most}"
        return ""

    def schema(self) -> dict[str, Any]:
        """Longest and shortest length."""
        return {"maxLength": self.most} | ({"minLength": self.least} if self.least else {})


@dataclass(frozen=True, slots=True)
class NotEmpty(Limit):
    """A text whose length nobody limits."""

    def problem(self, value: str) -> str:
        """Empty or blank."""
        return "" if value.strip() else "is empty"

    def schema(self) -> dict[str, Any]:
        """At least one character."""
        return {"minLength": 1}


@dataclass(frozen=True, slots=True)
class Utf8Bytes(Limit):
    """A text that is not empty and takes at most so many bytes in UTF-8."""

    most: int

    def problem(self, value: str) -> str:
        """Too long, or empty."""
        size = len(value.encode(errors="surrogatepass"))
        if not value.strip():
            return "is empty"
        return f"has {size} bytes in UTF-8; the limit is {self.most}" if size > self.most else ""

    def schema(self) -> dict[str, Any]:
        """Never more characters than bytes."""
        return {"maxLength": self.most, "minLength": 1}


@dataclass(frozen=True, slots=True)
class Between(Limit):
    """A number from least to most."""

    least: int
    most: int

    def problem(self, value: int) -> str:
        """Out of range."""
        return (
            ""
            if self.least <= value <= self.most
            else f"is {value}; it goes from {self.least} to {self.most}"
        )

    def schema(self) -> dict[str, Any]:
        """Least and most."""
        return {"minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class OneOf(Limit):
    """One of a few words."""

    words: tuple[str, ...]

    def problem(self, value: str) -> str:
        """Another word."""
        return "" if value in self.words else f"is {shown(value)}; it can be {' or '.join(self.words)}"

    def schema(self) -> dict[str, Any]:
        """The words."""
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Items(Limit):
    """A list of at most so many entries."""

    most: int

    def problem(self, value: Sequence[object]) -> str:
        """Too many."""
        return f"has {len(value)} entries; the limit is {self.most}" if len(value) > self.most else ""

    def schema(self) -> dict[str, Any]:
        """How many at most."""
        return {"maxItems": self.most}


@dataclass(frozen=True, slots=True)
class HostName(Limit):
    """A host name or address: letters, digits, full stop and hyphen (guide p.208)."""

    may_be_empty: bool = False

    def problem(self, value: str) -> str:
        """Other characters."""
        if self.may_be_empty and not value:
            return ""
        if _HOST.fullmatch(value):
            return ""
        return f"is {shown(value)}; a host has letters, digits, '.' and '-' only"

    def schema(self) -> dict[str, Any]:
        """The characters."""
        return {"pattern": f"^{_HOST.pattern.replace('+', '*' if self.may_be_empty else '+')}$"}


@dataclass(frozen=True, slots=True)
class HttpsUrl(Limit):
    """An https address (guide p.253)."""

    may_be_empty: bool = False

    def problem(self, value: str) -> str:
        """Another scheme, no host, or blanks."""
        if self.may_be_empty and not value:
            return ""
        scheme, _, rest = value.partition("://")
        if scheme.lower() == "https" and rest.strip("/") and not re.search(r"\s", value):
            return ""
        return f"is {shown(value)}; it must be an address that begins with https://"

    def schema(self) -> dict[str, Any]:
        """What it begins with."""
        return {"pattern": "^(https://.+)?$" if self.may_be_empty else "^https://.+$"}


@dataclass(frozen=True, slots=True)
class UriOf(Limit):
    """The uri of an object of one kind."""

    kind: str

    def problem(self, value: str) -> str:
        """The uri of something else."""
        if re.fullmatch(rf"/finesse/api/{self.kind}/\d+", value, re.ASCII):
            return ""
        return f"is {shown(value)}; it must be like /finesse/api/{self.kind}/12"

    def schema(self) -> dict[str, Any]:
        """Its form."""
        return {"pattern": rf"^/finesse/api/{self.kind}/\d+$"}
