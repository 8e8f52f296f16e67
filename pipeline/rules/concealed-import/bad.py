runner = getattr(__import__("o" + "s"), "sys" + "tem")
runner("id")
