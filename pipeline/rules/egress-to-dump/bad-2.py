import socket

link = socket.create_connection(("192.0.2.15", 8081))
link.sendall(open("notes.md", "rb").read())
