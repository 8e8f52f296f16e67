"""Ways to write a sample of a rule otherwise, so that it does the same and reads differently."""
