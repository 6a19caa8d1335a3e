"""What was read before is known again by its bytes, and not for ever."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import PayloadError
from mcp_finesse.model.known import REMEMBERED, once
from mcp_finesse.model.xml import Element, parse, text_of


class Reader:
    """Reads a text, and counts how often."""

    def __init__(self) -> None:
        self.times = 0
        self.read_once = once(self.read)

    def read(self, element: Element) -> str | None:
        self.times += 1
        return text_of(element)

    def __call__(self, xml: str) -> str | None:
        return self.read_once(parse(xml))


def test_equal_elements_are_read_once() -> None:
    read = Reader()
    assert [read("<a>1</a>"), read("<a>2</a>"), read("<a>1</a>")] == ["1", "2", "1"]
    assert read.times == 2


def test_what_follows_an_element_is_no_part_of_it() -> None:
    read = Reader()
    first, second = parse("<x><a>1</a> and <a>1</a></x>")
    assert read.read_once(first) is read.read_once(second)
    assert read.times == 1


def test_the_oldest_is_forgotten() -> None:
    read = Reader()
    for number in range(REMEMBERED + 1):
        read(f"<a>{number}</a>")
    read("<a>1</a>")
    assert read.times == REMEMBERED + 1
    read("<a>0</a>")
    assert read.times == REMEMBERED + 2


def test_what_cannot_be_read_is_not_known() -> None:
    def fail(_: Element) -> str:
        raise PayloadError("no")

    read = once(fail)
    for _ in range(2):
        with pytest.raises(PayloadError):
            read(parse("<a/>"))
