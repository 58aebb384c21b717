"""What stands behind the seams of the spool: memory (the reference), SQLite with files, and the names of messages."""
