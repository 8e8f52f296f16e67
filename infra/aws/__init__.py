"""The registry in one AWS account: the template merged into ``chalice package``, and its deployment."""
