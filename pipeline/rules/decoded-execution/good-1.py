import base64
import json

payload = json.loads(base64.b64decode("eyJhIjogMX0="))
print(payload)
