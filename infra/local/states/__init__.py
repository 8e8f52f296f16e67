"""An interpreter for the part of the Amazon States Language that the pipeline uses.

``definition`` reads and checks a state machine, ``transition`` decides what
follows (pure), ``checkpoints`` keeps where each execution stands, ``engine``
does the steps, ``workers`` runs the engine.
"""
