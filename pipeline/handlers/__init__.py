"""Lambda entries, thin: decode the state machine's document, call the stage, encode its outcome.

Each module has ``handler(event, context) -> dict``. A refusal is an outcome that the
state machine's Choice reads, not an error, so that it is never retried.
"""
