"""The registry's HTTP API: one table of routes, one view around all of them.

``application`` is the only importer of Chalice. Everything else works on plain
values, so that routes can be tested, documented and moved without it.
"""
