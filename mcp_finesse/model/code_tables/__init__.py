"""Tables of error codes and reason codes, one for each family of codes, and the lookup in all tables."""
