"""Talking to a registry: its API, its index documents and its blobs."""
