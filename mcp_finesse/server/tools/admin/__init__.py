"""Tools of the toolset admin: configuration objects, assignments, phone book files."""
