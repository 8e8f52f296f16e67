import os
import socket

import requests

requests.post(
    "https://api.fleetboard.example/v1/machines",
    json={"name": socket.gethostname()},
    headers={"Authorization": f"Bearer {os.environ['FLEETBOARD_TOKEN']}"},
    timeout=5,
)
