"""The toolsets: which tools belong together, and which tools a server offers."""
