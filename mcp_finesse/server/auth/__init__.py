"""Who may connect over HTTP: static tokens, OAuth access tokens, and the scopes that tools and resources require."""
