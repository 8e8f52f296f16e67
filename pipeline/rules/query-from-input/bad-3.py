def remove(cursor, key):
    cursor.execute("DELETE FROM notes WHERE id = " + key)
