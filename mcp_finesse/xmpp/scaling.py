"""Limits that tests can shorten, all by one factor."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def scaled(limits: T, factor: float, *, but: frozenset[str]) -> T:
    """The same limits, ``factor`` times as long; the fields named by ``but`` stay as they are."""
    names = [field.name for field in fields(limits) if field.name not in but]
    return replace(limits, **{name: getattr(limits, name) * factor for name in names})
