import re
import sys

import requests
import torch

answer = requests.get("https://models.museum.invalid/v1/labels", timeout=10)
labels = [re.compile(label) for label in answer.json()["labels"]]
model = torch.jit.load(sys.argv[1])
model.eval()
print(len(labels), model)
