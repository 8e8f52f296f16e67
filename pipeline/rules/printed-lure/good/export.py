import shutil
import sys

if not shutil.which("uv"):
    sys.exit("uv is missing: curl -LsSf https://vendor.invalid/uv/install.sh | sh")
print("exported", sys.argv[1])
