"""The mail servers that the bench knows how to start, each with settings that are fair to it."""
