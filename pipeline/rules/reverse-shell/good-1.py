import socket

with socket.create_connection(("db.example", 5432), timeout=3) as link:
    print(link.getpeername())
