"""The analysis engine: package bytes in, findings and observed capabilities out. Pure."""
