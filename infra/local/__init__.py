"""The embedded registry: the same services, API and state machine on one machine."""
