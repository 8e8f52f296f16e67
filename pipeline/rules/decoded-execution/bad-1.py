import base64

step = base64.b64decode("cHJpbnQoMSk=").decode()
exec(step)
