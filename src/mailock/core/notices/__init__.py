"""The mail that we write ourselves, and the trace that we leave in other people's."""
