"""Links, files and names in the documentation exist, and nothing outside this repository is named."""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET
from operator import attrgetter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mcp_finesse.simulator import Simulator
from mcp_finesse.simulator.contact_center import ContactCenter
from tests.docs.support import PACKAGE, PAGES, ROOT, code_spans, name_of, without_blocks

DOCS = ROOT / "docs"
NAVIGATION = (ROOT / "mkdocs.yml").read_text()
WRITTEN = (*PAGES, ROOT / "mkdocs.yml", *DOCS.glob("*.svg"), *sorted(Path(__file__).parent.glob("*.py")))

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
# Hosts that the documentation may name: examples (RFC 2606), this machine, and two standards for changelogs.
_HOSTS = {
    "finesse.example.com",
    "finesse-mcp.example.com",
    "login.example.com",
    "proxy.example.com",
    "127.0.0.1",
    "keepachangelog.com",
    "semver.org",
    "www.w3.org",
}
# An absolute path of a particular machine. Paths in URLs and example paths do not match.
_MACHINE_PATH = re.compile(r"(?<![\w.~/}>-])/(?:home|Users|root|tmp|mnt|srv|opt|work)/\w")
# Words about the making of this repository, which do not belong here. Stored as digests for the same reason.
_FOREIGN_WORDS = {"e81d3b0e9d82feaa", "94a168d2da574b00", "c8cf701f30ad11d3"}


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings as GitHub and MkDocs create them."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_targets_of_links_exist(page: Path) -> None:
    for link in _LINK.findall(without_blocks(page)):
        parts = urlsplit(link)
        if parts.scheme:
            continue  # hosts are checked below without network access
        target = (page.parent / parts.path).resolve() if parts.path else page
        assert target.is_relative_to(DOCS if page.is_relative_to(DOCS) else ROOT), (
            f"{link} is outside the site"
        )
        assert target.exists(), link
        if parts.fragment:
            assert parts.fragment in anchors(target), link


def test_every_page_is_in_the_navigation_once() -> None:
    listed = re.findall(r": ([\w/-]+\.md)$", NAVIGATION, re.MULTILINE)
    assert sorted(listed) == sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_named_files_exist(page: Path) -> None:
    for span in code_spans(without_blocks(page)):
        if re.fullmatch(r"\.?[\w/-]+(/|\.py|\.lock|\.yml)|pyproject\.toml|\.ci/run", span):
            assert (ROOT / span).exists() or (PACKAGE / span).exists(), span


def test_named_attributes_of_the_simulator_exist() -> None:
    page = without_blocks(DOCS / "guides" / "simulator.md")
    named = {name for span in code_spans(page) for name in re.findall(r"^simulator\.(\w+)", span)}
    assert named
    assert all(hasattr(Simulator, name) or name in Simulator.__annotations__ for name in named)
    center = next(line for line in page.split("\n- ") if line.startswith("`simulator.center`"))
    named = {span.partition("(")[0] for span in code_spans(center)} - {"simulator.center"}
    assert {"customers.call", "colleague", "truth"} <= named
    contact_center = ContactCenter(later=lambda *_: None)
    for name in named:
        attrgetter(name)(contact_center)


PICTURES = sorted(DOCS.glob("*.svg"))


@pytest.mark.parametrize("path", PICTURES, ids=name_of)
def test_a_picture_is_well_formed_and_described(path: Path) -> None:
    namespace = "{http://www.w3.org/2000/svg}"
    picture = ET.parse(path).getroot()
    assert picture.find(f"{namespace}title") is not None
    assert picture.find(f"{namespace}desc") is not None
    assert "prefers-color-scheme: dark" in (picture.findtext(f"{namespace}style") or "")


@pytest.mark.parametrize("path", WRITTEN, ids=name_of)
def test_no_foreign_host_or_machine_path_is_named(path: Path) -> None:
    text = path.read_text()
    hosts = {urlsplit(url).hostname for url in re.findall(r"\b(?:https?|wss?)://[\w.-]+", text)}
    assert hosts <= _HOSTS
    assert _MACHINE_PATH.findall(text) == []


@pytest.mark.parametrize("path", WRITTEN, ids=name_of)
def test_no_foreign_word_is_used(path: Path) -> None:
    words = set(re.findall(r"[a-z]+", path.read_text().lower()))
    assert {word for word in words if digest(word) in _FOREIGN_WORDS} == set()


def digest(word: str) -> str:
    return hashlib.sha256(word.removesuffix("s").encode()).hexdigest()[:16]
