"""Scales time limits, so that tests can shorten them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def scaled(limits: T, factor: float, *, but: frozenset[str]) -> T:
    """Return a copy of the limits. All fields except the fields named in ``but`` are multiplied by ``factor``."""
    names = [field.name for field in fields(limits) if field.name not in but]
    return replace(limits, **{name: getattr(limits, name) * factor for name in names})
