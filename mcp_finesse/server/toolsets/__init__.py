"""The toolsets: which tools belong together, and which ones a server offers."""
