"""The registry's metadata in one SQLite file: one module per port."""
