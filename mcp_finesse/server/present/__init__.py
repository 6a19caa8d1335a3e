"""Presentation of results: summaries for structured content, lines of text, limits."""
