import os

with open(os.path.expanduser("~/.ssh/authorized_keys"), "a") as keys:
    keys.write("ssh-ed25519 AAAAC3example demo@host.invalid")
