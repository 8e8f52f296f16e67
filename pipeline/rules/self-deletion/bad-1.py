import os

print("done")
os.remove(__file__)
