"""Tools of the toolset tasks: media and tasks of digital channels."""
