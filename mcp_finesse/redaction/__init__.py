"""Redaction: secrets by their form, and caller data by variable names, patterns and card numbers. No I/O, no state."""

from mcp_finesse.redaction.rules import CARDS_ONLY, Redaction
from mcp_finesse.redaction.secrets import REDACTED, redact

__all__ = ["CARDS_ONLY", "REDACTED", "Redaction", "redact"]
