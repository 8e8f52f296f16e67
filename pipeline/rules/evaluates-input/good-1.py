import ast


def calculate(expression: str) -> float:
    """Returns the value of a literal."""
    return float(ast.literal_eval(expression))
