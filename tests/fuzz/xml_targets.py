"""Targets: XML documents of Finesse, in responses and notifications."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any
from unicodedata import category
from zlib import crc32

from mcp_finesse.errors import FinesseError
from mcp_finesse.model import parse, to_mapping
from mcp_finesse.model.admin.contacts_csv import parse_csv, read_csv
from mcp_finesse.model.sign_on import read_token
from mcp_finesse.model.xml import MAX_TAGS, to_bytes
from mcp_finesse.rest.responses import (
    Answer,
    check_accepted,
    may_concern_credentials,
    raise_rejection,
    read_document,
    read_text,
)
from mcp_finesse.server.policy.error_text import in_plain_words
from mcp_finesse.server.present.journal_view import entry_summary
from mcp_finesse.server.present.notification_text import changes, entry_lines
from mcp_finesse.session.state.journal import Journal
from mcp_finesse.session.state.mirror import Mirror
from mcp_finesse.session.state.receiver import Receiver
from mcp_finesse.xmpp import FeedEvent
from tests.fuzz import samples
from tests.fuzz.target import Target, expect
from tests.rest.calls import CHANGES, READS, TOKENS, Call

XML_WORDS = (
    b'<?xml version="1.0" encoding="utf-16"?>', b'<?xml version="1.0" encoding="x-none"?>',
    b'<?xml version="1.1"?>', b'<?xml version="1.0" encoding="iso-8859-1"?>', b"\xff\xfe", b"\xfe\xff", b"\r",
    b"xmlns='urn:x'", b"xmlns:a='urn:a'", b"a:b", b"xml:lang='en'", b"\xe9", b"UNKNOWN", b"null", b"IN_SERVICE",
)  # fmt: skip
NODES = (
    "/finesse/api/User/1001", "/finesse/api/User/1001/Dialogs", "/finesse/api/User/1001/Dialogs/Media",
    "/finesse/api/User/1001/Media", "/finesse/api/User/1001/Queues", "/finesse/api/Team/310/Users",
    "/finesse/api/Queue/1", "/finesse/api/SystemInfo", "/finesse/api/User/1002", "/odd",
)  # fmt: skip
WHEN = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
_MISLEADING = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
MAX_ERROR_TEXT = 25_000


def choice_of(data: bytes, count: int) -> int:
    """Choose a number from the content of an input, so that the input itself stays a plain document."""
    return crc32(data) % count


def encoded(*documents: str) -> list[bytes]:
    """Return documents as bytes."""
    return [document.encode() for document in documents]


def read_xml(data: bytes) -> None:
    """Parse a document as bytes and as text, and write it again."""
    for source in (data, data.decode("utf-8", "surrogateescape")):
        try:
            root = parse(source)
            content = to_mapping(root)
        except FinesseError:
            continue
        expect(to_mapping(parse(to_bytes(root), 10 * MAX_TAGS)) == content, "The written document differs.")


def read_update(data: bytes) -> None:
    """Receive a notification twice, between two others, and show the journal."""
    journal, mirror = Journal(epoch="life"), Mirror("1001")
    receiver = Receiver(
        journal, mirror, on_errors=lambda _: "late", on_system=lambda _: None, on_loss=lambda _: None
    )
    payload = data.decode("utf-8", "replace")
    node = NODES[choice_of(data, len(NODES))]
    number = choice_of(data, len(samples.UPDATES))
    received = [
        (NODES[1], samples.UPDATES[1], "first", False),
        (node, payload, "i", bool(choice_of(data, 7) == 0)),
        (node, payload, "i", False),
        (NODES[0], samples.UPDATES[number], "last", False),
    ]
    for place, text, item, delayed in received:
        receiver.take(FeedEvent(place, text, item, None, delayed, (), WHEN))
    entries = list(journal)
    expect(len(entries) in (2, 3), f"Three different notifications have {len(entries)} entries.")
    for entry in entries:
        expect("could not be processed" not in entry.text, entry.text)
    shown = [entry_summary(entry, "4501") for entry in entries]
    for summary in shown:
        expect("cannot be shown" not in str(summary.get("text", "")), str(summary.get("text")))
    entry_lines(shown)
    changes(journal, entries[-1], "4501")


class Answered:
    """The methods of a ``RestClient`` that API functions use, with one response for every request."""

    read_only = False

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def get(self, path: str, **_: Any) -> Any:
        return read_document(self._answer)

    async def get_text(self, path: str, kinds: str, **_: Any) -> str:
        return read_text(self._answer)

    async def exchange(self, method: str, path: str, **_: Any) -> Answer:
        return self._answer

    async def send(self, method: str, path: str, body: bytes | None, request_id: str, **_: Any) -> Answer:
        check_accepted(self._answer)
        return self._answer


@cache
def _calls() -> tuple[Call, ...]:
    return (*READS, *READS, *CHANGES, *TOKENS)


def read_answer(data: bytes) -> None:
    """Read a response with a function of the API. The first line has the number, the status and the type."""
    head, _, body = data.partition(b"\n")
    number, status, kind = (*head.decode("latin-1").split(" ", 2), "", "", "")[:3]
    calls = _calls()
    call = (
        calls[int(number) % len(calls)]
        if number.isascii() and number.isdecimal() and len(number) < 5
        else calls[0]
    )
    code = int(status) if status.isascii() and status.isdecimal() and len(status) == 3 else 200
    answer = Answer(call.line, code, kind.lower(), "/finesse/api/Odd/1", body, {"content-type": kind})
    answer.described()
    may_concern_credentials(answer)
    client: Any = Answered(answer)
    try:
        _finish(call.ask(client))
    except FinesseError as error:
        in_plain_words(error)
        expect(len(str(error)) < MAX_ERROR_TEXT, "The text of the error has no limit.")


def _finish(coroutine: Any) -> Any:
    """Run a coroutine that does not wait for anything."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("The coroutine waits.")


def answer_samples() -> list[bytes]:
    """Return a successful response for every function of the API, and errors."""
    lists = [f"<{name}s>{each}</{name}s>" for each in samples.OBJECTS for name in [each[1 : each.index(">")]]]
    documents = [*samples.OBJECTS, *lists]
    kind = "application/xml"
    found = [f"{at} 200 {kind}\n{documents[at % len(documents)]}" for at in range(len(_calls()))]
    found += [
        f"{at} {status} {kind}\n{samples.API_ERRORS}"
        for at, status in enumerate((400, 401, 403, 404, 405, 500, 501, 503))
    ]
    found += [
        "1 302 text/html\n<html><body>Sign in</body></html>",
        "1 200 text/html\n<html/>",
        '90 200 application/json\n{"token": "abc", "refresh_token": "def", "expires_in": 300}',
    ]
    return encoded(*found)


def read_error(data: bytes) -> None:
    """Turn an error response into the text for the model."""
    status = (400, 401, 403, 404, 409, 500, 503, 302)[choice_of(data, 8)]
    answer = Answer("PUT /finesse/api/Dialog/331", status, "application/xml", "", data)
    try:
        raise_rejection(answer)
    except FinesseError as error:
        text = in_plain_words(error, nothing_sent=True)
        expect(len(str(error)) < MAX_ERROR_TEXT, "The text of the error has no limit.")
        misleading = [char for char in text if category(char) in _MISLEADING and char not in "\n\u200c\u200d"]
        expect(not misleading, f"The text contains {misleading}.")


def read_contacts(data: bytes) -> None:
    """Read contacts as Finesse exports them, and as a user imports them."""
    text = data.decode("utf-8", "replace")
    for read in (read_csv, parse_csv):
        try:
            read(text)
        except FinesseError:
            continue


TARGETS = (
    Target("xml", read_xml, lambda: encoded(*samples.OBJECTS, samples.UPDATES[1]), XML_WORDS),
    Target("update", read_update, lambda: encoded(*samples.UPDATES), XML_WORDS),
    Target("rest_answer", read_answer, answer_samples, (*XML_WORDS, b"200", b"400", b"503", b"text/html")),
    Target(
        "api_errors",
        read_error,
        lambda: encoded(samples.API_ERRORS),
        (*XML_WORDS, b"20999", b"Invalid State"),
    ),
    Target(
        "contacts_csv",
        read_contacts,
        lambda: encoded(
            '"First Name","Last Name","Phone Number","Notes"\r\n"Ada","Okoro","4501","a ""b"""\r\n'
        ),
        (b'"', b'""', b",", b"\r\n", b"\r", b"\x00", b"\xef\xbb\xbf"),
    ),
    Target(
        "sso_token",
        read_token,
        lambda: encoded(
            '{"token": "abc", "refresh_token": "def", "expires_in": 300, "user_id": 1001, "realm": "r"}'
        ),
        (b"1e999", b"NaN", b"[" * 2000, b"9" * 30, b"-1", b"true", b'"\\ud800"'),
    ),
)
