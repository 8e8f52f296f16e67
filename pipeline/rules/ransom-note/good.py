import sys

print(f"Encrypted {len(sys.argv) - 1} files with your passphrase.")
print("Keep the passphrase: without it nobody can open them.")
print("Decrypt them with: tool open --passphrase-file FILE")
