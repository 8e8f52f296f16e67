def f(:
  )))
class
exec("x")
eval("y")
