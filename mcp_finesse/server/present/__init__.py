"""What results look like: summaries for structured content, lines of text, limits."""
