"""Redaction: secrets by their form, and caller data by variable names, patterns and card numbers. No I/O."""

from mcp_finesse.redaction.active import active_redaction, redacting, truncated, use_redaction
from mcp_finesse.redaction.rules import CARDS_ONLY, Redaction
from mcp_finesse.redaction.secrets import REDACTED, redact

__all__ = [
    "CARDS_ONLY",
    "REDACTED",
    "Redaction",
    "active_redaction",
    "redact",
    "redacting",
    "truncated",
    "use_redaction",
]
