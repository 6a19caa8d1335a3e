"""Single sign-on: access and refresh tokens, and a client that fetches a token for practice."""
