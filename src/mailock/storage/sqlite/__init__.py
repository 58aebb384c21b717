"""The embedded store: SQLite through apsw, one writer, group commit."""
