import socket

link = socket.create_connection(("db.example", 5432))
print(link.recv(16))
