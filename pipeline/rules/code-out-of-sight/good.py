import sys

WIDTH = 80                                                                                                                                                                                              # as wide as a terminal was; open an issue when that is wrong

for line in sys.stdin:
    print(line.rstrip()[:WIDTH])
