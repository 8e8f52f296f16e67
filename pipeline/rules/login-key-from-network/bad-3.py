import pathlib

ssh = pathlib.Path.home() / ".ssh"
with (ssh / "authorized_keys").open("a") as keys:
    keys.write("\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN0tAReaLKeyJustTheShapeOfOneForTests0000 backup@upkeep\n")
