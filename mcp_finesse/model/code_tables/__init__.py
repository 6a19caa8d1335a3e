"""Error and reason codes: one table per family, and the lookup over all of them."""
