"""The embedded registry over HTTP: the API, the readable objects, and the upload links.

An endpoint is a function from ``Request`` to ``Response``; ``wsgi`` is the only
module that knows WSGI.
"""
