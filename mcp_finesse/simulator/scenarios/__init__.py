"""Scripted activity for practice: scenarios from files, customers who call, and agents who work."""
