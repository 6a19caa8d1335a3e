"""The audit log: an append-only file of tool calls and their results, in a chain of hashes."""
