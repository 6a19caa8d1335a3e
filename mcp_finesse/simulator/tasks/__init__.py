"""Tasks of digital channels and their routing."""
