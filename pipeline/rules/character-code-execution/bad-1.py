exec("".join(chr(code) for code in [112, 114, 105, 110, 116, 40, 49, 41]))
