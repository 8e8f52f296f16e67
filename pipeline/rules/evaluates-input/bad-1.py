def calculate(expression: str) -> float:
    """Returns the value of an expression."""
    return eval(expression)
