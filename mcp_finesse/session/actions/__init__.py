"""Actions of the agent: their requests, the changes that confirm them, and execution from preflight to outcome."""
