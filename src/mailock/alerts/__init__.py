"""Telling people at once: by a line in the developer's log, by mail, by webhook."""
