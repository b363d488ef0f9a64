"""Who may ask for what: without keys by host name and site, with keys by key, scope and session."""
