"""Deployments of the registry: one machine (``local``) and one AWS account (``aws``)."""
