"""Texts of errors for the model."""

from __future__ import annotations

import time

from mcp_finesse.errors import ApiErrorDetail, RefusedError
from mcp_finesse.privacy import describe_details
from mcp_finesse.server.policy.error_text import in_plain_words


def test_errors_that_the_message_lacks_are_added() -> None:
    details = (ApiErrorDetail("Invalid State", "a"), ApiErrorDetail("Invalid Input", "b"))
    text = in_plain_words(RefusedError("Rejected: Invalid State (a).", details=details))
    assert text == "Rejected: Invalid State (a). Finesse reported: Invalid Input (b)."


def test_thousands_of_long_errors_are_described_quickly() -> None:
    details = tuple(ApiErrorDetail(f"t{number}", "m" * 400) for number in range(16_000))
    error = RefusedError(f"Rejected: {describe_details(details)}.", status=400, details=details)
    started = time.process_time()
    text = in_plain_words(error)
    assert time.process_time() - started < 0.1
    assert len(text) < 20_000
