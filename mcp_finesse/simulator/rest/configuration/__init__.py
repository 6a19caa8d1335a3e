"""REST: endpoints for administrators."""
