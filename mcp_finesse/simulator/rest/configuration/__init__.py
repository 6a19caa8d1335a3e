"""The administrators' part of the REST API."""
