"""The tools, one package per toolset, and what they share."""
