import sqlite3


def found(term: str) -> list[tuple[str, ...]]:
    query = f"SELECT name FROM users WHERE name LIKE '%{term}%'"
    return sqlite3.connect("users.db").execute(query).fetchall()
