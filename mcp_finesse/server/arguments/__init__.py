"""Parsing of the texts, times, states and conditions that clients pass to tools."""
