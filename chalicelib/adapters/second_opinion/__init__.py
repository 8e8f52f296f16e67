"""Who can be asked for a second opinion: nobody, a program, or a model behind an HTTP endpoint.

``nobody`` is what a registry has unless its operator says otherwise; every findings
document says then that nobody was asked.
"""
