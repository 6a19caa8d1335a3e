"""REST endpoints for administrators."""
