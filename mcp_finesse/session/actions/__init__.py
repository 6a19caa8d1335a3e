"""Actions of the agent: what each one sends, what confirms it, and its execution from preflight to outcome."""
