"""The Chalice app: what AWS Lambda, ``chalice package`` and the embedded registry load."""

from chalicelib import wiring
from chalicelib.api.application import application

app = application(wiring.ports, wiring.request_log)
