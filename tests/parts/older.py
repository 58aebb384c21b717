"""Logs as an earlier Mailock left them."""

import apsw


def without_columns(connection: apsw.Connection) -> None:
    """Takes away what the newest version of the schema added."""
    for table in ("base", "field", "cell", "amended"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("DELETE FROM meta WHERE name = 'columned'")
