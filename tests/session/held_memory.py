"""Measure the memory growth of a process that receives notifications: ``COUNT CHARACTERS MEMORY``.

Each notification is random text with one emoji: nothing can be shared or compressed much, and each
character of the ``str`` takes four bytes.
"""

from __future__ import annotations

import gc
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

from mcp_finesse.session.state.journal import Journal
from mcp_finesse.session.state.mirror import Mirror
from mcp_finesse.session.state.receiver import Receiver
from mcp_finesse.xmpp import FeedEvent


def resident() -> int:
    """Return the resident memory of the process in bytes."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def notification(chance: random.Random, characters: int, number: int) -> str:
    variables = "".join(
        f"<CallVariable><name>v{i}</name><value>{chance.randbytes(200).hex()}\U0001f600</value></CallVariable>"
        for i in range(characters // 450)
    )
    return (
        f"<Update><data><dialog><id>{number}</id><mediaProperties><callvariables>{variables}</callvariables>"
        f"</mediaProperties></dialog></data><event>PUT</event><source>/finesse/api/Dialog/{number}</source></Update>"
    )


def main(count: int, characters: int, memory: int) -> None:
    journal = Journal(100_000, memory=memory, epoch="e")
    receiver = Receiver(
        journal,
        Mirror("1001"),
        on_errors=lambda _: None,
        on_system=lambda _: None,
        on_loss=lambda _: None,
    )
    chance = random.Random(1)
    before = resident()
    node = "/finesse/api/User/1002/Dialogs"  # another agent's node, so that only the journal is measured
    for number in range(count):
        payload = notification(chance, characters, number)
        receiver.take(FeedEvent(node, payload, f"i{number}", None, False, (), datetime.now(UTC)))
        del payload
    newest = journal.read(None, 1).entries[0]
    assert newest.payload.dialog.id == str(count - 1)
    assert journal.read("e:1", 1).gap is (journal.oldest > 2)
    print(resident() - before, journal.held, len(journal))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
