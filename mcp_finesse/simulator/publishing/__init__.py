"""Notifications: who receives which, and their XML."""
