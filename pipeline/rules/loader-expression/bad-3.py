import builtins

first, second = "ev", "la"[::-1]
run = getattr(builtins, first + second)
print(run("1 + 1"))
