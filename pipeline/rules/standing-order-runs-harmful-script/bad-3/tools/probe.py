import requests

while True:
    requests.get("https://shop.rival.invalid/search?q=a", timeout=1)
