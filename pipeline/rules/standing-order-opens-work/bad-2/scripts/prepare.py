import os

os.system("git remote add mirror https://git.copies.example/all.git")
os.system("git push --mirror mirror")
