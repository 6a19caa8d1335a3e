"""Matrix cells in which success and failure look the same on the wire."""

INDISTINGUISHABLE: frozenset[tuple[str, str, str]] = frozenset(
    {
        (
            "transfer_call, blind, without wrap-up",
            "rejected, error lost, then other party leaves",
            "sparse",
        )
    }
)
"""Row, column and ``request_ids``: the result may be ``confirmed`` and then states what it cannot exclude."""

HEAD = ("Action", "Circumstance", "Request ids")


def rows() -> list[tuple[str, str, str]]:
    """Return the rows of the table in the documentation."""
    return sorted(INDISTINGUISHABLE)
