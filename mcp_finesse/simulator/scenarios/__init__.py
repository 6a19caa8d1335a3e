"""Things that happen on the floor by themselves, for practice."""
