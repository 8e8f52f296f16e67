def shown(count: int) -> str:
    return f"Select a file from {count} files and update the table."
