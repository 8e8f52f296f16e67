"""The registry service: ports, services, adapters and the API."""
