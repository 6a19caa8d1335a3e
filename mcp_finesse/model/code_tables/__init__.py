"""Error codes and reason codes: one table per family of codes, and the lookup in all tables."""
