"""What the registry needs of the world, one Protocol per file; the contract is its docstring.

An adapter wraps every foreign exception: what crosses a port is a value, a
``tank_core`` error, or one of the errors named in ``ports.errors``.
"""
