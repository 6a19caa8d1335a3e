"""A text is redacted before it is truncated, so that no part of a card number remains at its end."""

from __future__ import annotations

import ast
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import mcp_finesse
from mcp_finesse.cli.formatting import printable
from mcp_finesse.errors import ApiErrorDetail, FinesseError
from mcp_finesse.model import parse_update
from mcp_finesse.model.admin import limits
from mcp_finesse.privacy import caller_block, caller_fields, caller_text, describe_details, quoted
from mcp_finesse.redaction import Redaction, active_redaction, redacting, truncated, use_redaction
from mcp_finesse.rest import paths, validation
from mcp_finesse.rest.responses import Answer
from mcp_finesse.server.audit.auditor import AuditedCall, Auditor
from mcp_finesse.server.present.summaries import clipped
from mcp_finesse.session.administration.field_diff import _shown
from mcp_finesse.session.state.call_log import _kept
from mcp_finesse.session.state.entry import bounded
from mcp_finesse.xmpp.negotiation import _condition
from mcp_finesse.xmpp.protocol.iq_tracker import refusal
from mcp_finesse.xmpp.transport.bosh.body import Terminated
from tests.server.planted import ACCOUNT, CARD, PATTERN, problems

REDACTION = Redaction.of((), [PATTERN])
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"


class _Records:
    def __init__(self) -> None:
        self.written: list[Any] = []

    def append(self, fields: Any) -> None:
        self.written.append(fields)


def _audited(text: str) -> object:
    records = _Records()
    Auditor(records, redaction=REDACTION).begin(
        AuditedCall("hold_call", "CHANGE", True, arguments={"a": text})
    )
    return records.written


def _stanza_error(text: str) -> object:
    iq = ET.Element("iq")
    ET.SubElement(ET.SubElement(iq, "error"), f"{{{STANZAS}}}text").text = text
    return refusal(iq)


def _sasl_failure(text: str) -> object:
    failure = ET.Element("failure")
    ET.SubElement(failure, "{ns}text").text = text
    return _condition(failure, "{ns}")


def _answer(text: str) -> str:
    answer = Answer("GET User/1", 500, "text/plain", "", text.encode())
    return answer.described()


PLACES: dict[str, tuple[int, Callable[[str], object]]] = {
    "truncated": (50, lambda text: truncated(text, 50)),
    "caller_text": (100, lambda text: caller_text(text, 100)),
    "caller_text with blanks": (416, lambda text: caller_text(f"{text:>416}", 100)),
    "caller_block": (200, lambda text: caller_block(text, 200)),
    "quoted": (80, quoted),
    "caller_fields": (2_000, lambda text: caller_fields({"a": text})),
    "an argument in an error of the REST API": (40, validation.shown),
    "a field of the configuration in an error": (40, limits.shown),
    "a path": (80, lambda text: _error(paths.api_path, text)),
    "an unexpected document": (40, lambda text: _error(parse_update, f"<{text.replace(' ', '_')}/>")),
    "an error that Finesse reported": (500, lambda text: describe_details([ApiErrorDetail("E", data=text)])),
    "a response that is not XML": (80, _answer),
    "an error stanza": (200, _stanza_error),
    "a failed login": (200, _sasl_failure),
    "the end of a BOSH session": (80, Terminated),
    "an unreadable notification": (8_000, bounded),
    "the call history": (200, _kept),
    "a difference": (200, _shown),
    "an object of Finesse": (2_000, clipped),
    "a line of a terminal": (4_000, printable),
    "the audit log": (2_000, _audited),
    "the audit log before documents are read": (8_000, _audited),
}
"""Functions that truncate, by what they truncate, and the number of characters that remain."""


def _error(function: Callable[[str], object], text: str) -> str:
    with pytest.raises(FinesseError) as caught:
        function(text)
    return f"{caught.value.message} {caught.value.advice}"


@pytest.mark.parametrize("secret", [CARD, "4111 1111 1111 1111", ACCOUNT])
@pytest.mark.parametrize("place", PLACES)
def test_text_is_redacted_before_it_is_truncated(place: str, secret: str) -> None:
    limit, truncate = PLACES[place]
    with redacting(REDACTION):
        for shown in range(1, len(secret) + 8):  # how much of the secret is before the cut
            said = str(truncate("x" * (limit - shown - 1) + " " + secret + " " + "y" * limit))
            assert problems(said) == [], (shown, said)
            assert secret[:6] not in said, (shown, said)


def test_redaction_shows_nothing_from_behind_the_cut() -> None:
    """Long matches before the cut make the text shorter. What is behind the cut does not move to the front."""
    redaction = Redaction.of((), ["z+"])
    text = "z" * 9_000 + " " + CARD
    with redacting(redaction):
        assert caller_text(text, 100) == "[redacted]…"
        assert truncated(text, 100) == "[redacted]"
    records = _Records()
    Auditor(records, redaction=redaction).begin(
        AuditedCall("hold_call", "CHANGE", True, arguments={"a": text})
    )
    assert CARD[:6] not in str(records.written)


def test_match_that_begins_at_the_cut_is_not_shown_and_not_marked() -> None:
    assert truncated("x" * 10 + CARD, 10) == "x" * 10


def test_text_far_behind_the_cut_is_not_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body of many megabytes must not take seconds."""
    examined: list[int] = []

    def fold(text: str) -> str:
        examined.append(len(text))
        return text

    monkeypatch.setattr("mcp_finesse.redaction.rules.fold", fold)
    text = "1" * 1_000_000
    for truncate in (
        lambda text: truncated(text, 50),
        lambda text: caller_text(text, 100),
        _answer,
        bounded,
        clipped,
    ):
        truncate(text)
    assert examined
    assert max(examined) < 10_000


def test_short_text_is_not_changed_by_truncation() -> None:
    assert truncated(f"call {CARD}", 30) == f"call {CARD}"


def test_redaction_of_a_context_ends_with_the_context() -> None:
    before = active_redaction()
    with redacting(REDACTION):
        assert active_redaction() is REDACTION
        use_redaction(before)
    assert active_redaction() is before


# -- every truncation of a text in the package

_LISTS = {
    "cli/audit.py": {"found.partial_lines[:_MAX_SHOWN]", "found.problems[:_MAX_SHOWN]"},
    "model/admin/content.py": {"sentences[:TOLD]"},
    "model/code_tables/error_codes.py": {"list(found.values())[:limit]"},
    "privacy.py": {"details[:_SHOWN_DETAILS]"},
    "server/audit/auditor.py": {"list(value.items())[:_MAX_ITEMS]", "list(value)[:_MAX_ITEMS]"},
    "server/policy/error_text.py": {"getattr(error, 'details', ())[:MAX_ERRORS]"},
    "server/policy/policy_file.py": {
        "problems[:_MAX_PROBLEMS]",
        "error.errors(include_url=False)[:_MAX_PROBLEMS]",
    },
    "server/present/journal_view.py": {
        "update.errors[:MAX_ERRORS]",
        "update.queues[:MAX_ITEMS]",
        "update.dialogs[:_MAX_DIALOGS]",
        "team.users[:MAX_ITEMS]",
    },
    "server/present/object_text.py": {"list(variables.items())[:None if full else _VARIABLES]"},
    "server/present/summaries.py": {
        "media.wrap_up_items[:MAX_WRAP_UP_ITEMS]",
        "[_participant(each, real is own) for real, each in parties][:MAX_PARTICIPANTS]",
        "items[:limit]",
        "value[:MAX_SHOWN_ITEMS]",
    },
    "server/resources/completions.py": {"found[:MAX_VALUES]"},
    "server/sdk/argument_check.py": {"names[:_MAX_NAMES]"},
    "server/sdk/server.py": {"error.errors()[:_MOST]"},
    "server/tools/admin/phone_book_files.py": {"added[:_SAMPLES]", "removed[:_SAMPLES]"},
    "server/tools/agent_lookup.py": {"ids[:MAX_TEAMS]"},
    "server/tools/core/call_history.py": {"records[:limit]"},
    "session/connection/status_notes.py": {"jids[:_MAX_NAMED]"},
    "session/state/journal.py": {"found[:limit]"},
    "session/state/team_messages.py": {"list(self._messages)[:-MAX_MESSAGES]"},
    "session/state/update_order.py": {"candidates[:-_MAX_CANDIDATES]"},
    "xmpp/negotiation.py": {"offered[:_SHOWN_MECHANISMS]"},
    "xmpp/protocol/presence_priority.py": {"clients[:_NAMED]"},
}
"""Slices of lists, which divide no text."""
_TEXTS = {
    # The text is redacted before
    "privacy.py": {
        "text[:limit - 1]",
    },
    "redaction/rules.py": {
        "_replaced(value[:end], found)[:limit]",
        "value[:limit]",
        "value[:limit + _BEHIND]",
        "without_ignored(fold(name))[0].strip().lower()[:_MAX_NAMES]",
    },
    "server/tools/developer/developer.py": {"redacted_document(document)[:_REDACTED_CHARACTERS]"},
    # The result is only compared, or examined before it is truncated again
    "rest/responses.py": {"self.body[:_EXAMINED]"},
    "session/actions/outbound.py": {"((held.callback_time if held is not None else None) or '')[:_MINUTES]"},
    "cli/token.py": {"text[:40]"},
    "model/code_tables/error_codes.py": {"text.strip()[:100]"},
    "redaction/secrets.py": {"local_name[:200]"},
    "server/sdk/argument_check.py": {"names[0][:_MAX_NAME]"},
    # Ids and settings, which are not redacted
    "account_guard/store.py": {"hashlib.sha256(user_id.strip().casefold().encode()).hexdigest()[:16]"},
    "redaction/patterns.py": {"self.source[:40]"},
    "xmpp/protocol/feeds.py": {"node[:MAX_NODE]"},
    "xmpp/protocol/resource.py": {"re.sub('[^a-z0-9.]', '-', text.lower())[:80]"},
    # A part of a document that is parsed
    "xmpp/transport/bosh/body.py": {"content[:content.find(b'>', 0, _LONGEST_USUAL_TAG) + 1]"},
}
"""Texts that are truncated without ``truncated``, and why."""
_SHORTEST = 8
"""A shorter text contains no recognizable part of a card number."""


def _truncating_slices() -> Iterator[tuple[str, str]]:
    package = Path(mcp_finesse.__file__).parent
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        if name.startswith("simulator/"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Subscript)
                and isinstance(node.slice, ast.Slice)
                and _truncates(node.slice)
            ):
                yield name, ast.unparse(node)


def _truncates(part: ast.Slice) -> bool:
    if part.lower is not None or part.upper is None or part.step is not None:
        return False
    if isinstance(part.upper, ast.Constant):
        return isinstance(part.upper.value, int) and part.upper.value >= _SHORTEST
    names = [each.id for each in ast.walk(part.upper) if isinstance(each, ast.Name)]
    return any(name.isupper() or "limit" in name or "max" in name for name in names)


def test_every_text_is_truncated_by_the_function_that_redacts() -> None:
    found: dict[str, set[str]] = {}
    for name, text in _truncating_slices():
        found.setdefault(name, set()).add(text)
    known = {name: _LISTS.get(name, set()) | _TEXTS.get(name, set()) for name in {*_LISTS, *_TEXTS}}
    assert found == known
