"""Mutations of Finesse's XML: missing, renamed, repeated, empty, huge or nested elements."""

from __future__ import annotations

import copy
import random
import xml.etree.ElementTree as ET

TEXTS = (
    "", " ", "1001", "-1", "true", "READY", "9" * 400, "NaN", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00",
    "2026-13-45T99:99", "\u00b2", "\U0001f600" * 3000, "/finesse/api/User/1001", "/", "//", "x" * 5000,
    "\"'&<>]]>", "{}", "%s%n", "\u202e\u200b", "a,b\n\"c\"", "=1+1",
)  # fmt: skip


def mutate(xml: str, chance: random.Random) -> str:
    """Return the document with one to four mistakes, or a cut or repeated part of text that is not XML."""
    if not xml.lstrip().startswith("<"):
        at = chance.randrange(len(xml))
        return chance.choice((xml[:at], xml[at:], xml * 50, xml[:at] + chance.choice(TEXTS) + xml[at:]))
    root = ET.fromstring(xml)
    for _ in range(chance.randint(1, 4)):
        chance.choice(MISTAKES)(root, chance)
    return ET.tostring(root, encoding="unicode")


def _without(root: ET.Element, chance: random.Random) -> None:
    """Remove an element."""
    parent = _parent(root, chance)
    if len(parent):
        parent.remove(chance.choice(list(parent)))


def _again(root: ET.Element, chance: random.Random) -> None:
    """Repeat an element, possibly many times."""
    parent = _parent(root, chance)
    if len(parent):
        again = chance.choice(list(parent))
        for _ in range(chance.choice((1, 2, 300))):
            parent.append(copy.deepcopy(again))


def _other_text(root: ET.Element, chance: random.Random) -> None:
    """Give an element an unusual text."""
    chance.choice(list(root.iter())).text = chance.choice(TEXTS)


def _empty(root: ET.Element, chance: random.Random) -> None:
    """Empty an element."""
    chance.choice(list(root.iter())).clear()


def _nested(root: ET.Element, chance: random.Random) -> None:
    """Nest an element in itself, several levels deep."""
    element = chance.choice(list(root.iter()))
    inner = copy.deepcopy(element)
    for _ in range(chance.choice((1, 5, 40))):
        outer = ET.Element(element.tag)
        outer.append(inner)
        inner = outer
    element.append(inner)


def _moved(root: ET.Element, chance: random.Random) -> None:
    """Put a copy of an element in another place."""
    source = copy.deepcopy(chance.choice(list(root.iter())))
    if sum(1 for _ in source.iter()) < 200:
        chance.choice(list(root.iter())).append(source)


def _other_name(root: ET.Element, chance: random.Random) -> None:
    """Rename an element to another's name or an unknown one."""
    names = [element.tag for element in root.iter()]
    chance.choice(list(root.iter())).tag = chance.choice([*names, "odd"])


def _parent(root: ET.Element, chance: random.Random) -> ET.Element:
    return chance.choice([element for element in root.iter() if len(element)] or [root])


MISTAKES = (_without, _again, _other_text, _other_text, _empty, _nested, _moved, _other_name)
