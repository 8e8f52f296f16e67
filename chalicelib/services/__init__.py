"""Use cases of the registry. They take ports as arguments and know no vendor."""
