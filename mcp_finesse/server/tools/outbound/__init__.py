"""Tools of the toolset outbound: campaign previews, classification, callbacks."""
