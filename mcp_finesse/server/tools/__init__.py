"""The tools, one package per toolset, and the code that they share."""
