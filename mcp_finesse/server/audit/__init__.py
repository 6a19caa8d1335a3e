"""The audit log: an append-only file of tool calls and their results. Hashes link the records to a chain."""
