"""Read the documentation: pages, code blocks and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "mcp_finesse"
PAGES = (
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
)

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced code block of a page.

    Attributes:
        language: the word after the fence, empty if there is none.
        prints: the text of the block that follows at once, if that is marked ``text``.
    """

    page: str
    line: int
    language: str
    body: str
    prints: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(*languages: str) -> list[Block]:
    """Return every block of these languages on all pages."""
    return [block for page in PAGES for block in _blocks_of(page) if block.language in languages]


def _blocks_of(page: Path) -> Iterator[Block]:
    text = page.read_text()
    found = list(_FENCE.finditer(text))
    for number, match in enumerate(found):
        after = found[number + 1] if number + 1 < len(found) else None
        prints = None
        if after is not None and after["info"] == "text" and not text[match.end() : after.start()].strip():
            prints = after["body"]
        line = text.count("\n", 0, match.start()) + 1
        yield Block(name_of(page), line, match["info"].partition(" ")[0], match["body"], prints)


def without_blocks(page: Path) -> str:
    """Return the text of a page without its fenced blocks."""
    return _FENCE.sub("", page.read_text())


def tables(page: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Yield the head and the rows of every table of a page, as texts of cells."""
    rows: list[list[str]] = []
    for line in [*without_blocks(ROOT / page).splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]])
        elif rows:
            yield rows[0], rows[2:]
            rows = []


def table(page: str, first_heading: str) -> list[dict[str, str]]:
    """Return the rows of the first table whose first column has this heading."""
    for head, rows in tables(page):
        if head[0] == first_heading:
            return [dict(zip(head, row, strict=True)) for row in rows]
    raise AssertionError(f"{page} has no table that begins with {first_heading!r}")


def code_spans(text: str) -> list[str]:
    """Return the texts in backticks."""
    return re.findall(r"`([^`\n]+)`", text)
