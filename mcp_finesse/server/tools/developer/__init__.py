"""Tools of the toolset developer: free requests and raw notifications."""
