import requests

answer = requests.get("https://api.weather.example/v1", timeout=5).json()
print(answer["temperature"])
