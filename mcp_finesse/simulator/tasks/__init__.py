"""Tasks on digital channels and their routing."""
