"""Every HTTP request and response of the registry, as pydantic models; shared with the CLI.

Requests are strict: an unknown key is an error, and no value is coerced. Answers
are read leniently, so that an older client understands a newer registry. Times are
whole seconds since the Unix epoch, UTC.

Importing this package imports nothing; its modules import pydantic.
"""
