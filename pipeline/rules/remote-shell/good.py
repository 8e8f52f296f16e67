"""Is the database up, and which version is it?"""

import socket
import subprocess

link = socket.create_connection(("127.0.0.1", 6379))
link.sendall(b"PING\r\n")
answer = link.recv(64)
print(answer, subprocess.run(["bash", "-c", "redis-server --version"], capture_output=True).stdout)
