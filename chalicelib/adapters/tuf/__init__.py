"""The signed index over python-tuf: the only place of the registry that imports ``tuf`` and ``securesystemslib``.

``metadata`` reads and signs single files, ``authority`` decides which root and targets count,
``view`` reads what the object store holds and refuses what was not written by us, ``draft``
composes a round, ``writer`` carries it out.
"""
