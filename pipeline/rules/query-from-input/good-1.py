import sqlite3

TABLE = "users"


def found(term: str) -> list[tuple[str, ...]]:
    query = f"SELECT name FROM {TABLE} WHERE name LIKE ?"
    return sqlite3.connect("users.db").execute(query, (f"%{term}%",)).fetchall()
