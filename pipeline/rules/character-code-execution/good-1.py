letters = "".join(chr(97 + offset) for offset in range(26))
print(letters)
