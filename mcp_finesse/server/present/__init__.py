"""Presentation of results as summaries (structured content) and as lines of text, within size limits."""
