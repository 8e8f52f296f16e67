import os

import requests

answer = requests.get("https://api.weather.example/v1", headers={"Authorization": os.environ["WEATHER_TOKEN"]})
print(answer.json())
