import urllib.request

urllib.request.urlopen("http://192.0.2.14:8000/next").read()
