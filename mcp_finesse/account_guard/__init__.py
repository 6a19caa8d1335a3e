"""Protection against account lockout. Sign-in attempts are limited, and recorded for all processes.

Finesse locks an account after five wrong passwords. ``rules`` decides whether a password may be sent. ``store``
shares the record of attempts among the processes of a machine. ``guard`` applies ``rules`` and ``store`` to
every authenticated request and every XMPP login.
"""

from mcp_finesse.account_guard.guard import AccountGuard, Attempt
from mcp_finesse.account_guard.rules import Channel
from mcp_finesse.account_guard.store import FileStore, MemoryStore

__all__ = ["AccountGuard", "Attempt", "Channel", "FileStore", "MemoryStore"]
