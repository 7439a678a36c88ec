"""Looking things up: what can be asked of the services, by the names that a person would guess."""
