"""The audit log: an append-only file of what tools were called and what came of it, each record chained to the last."""
