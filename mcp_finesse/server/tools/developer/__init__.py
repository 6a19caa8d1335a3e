"""Tools of the toolset developer: raw requests and raw notifications."""
