"""Install, as a walk: decide on a lock, check it, plan, fetch and verify, change the project at once."""
