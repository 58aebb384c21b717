"""Who is known here, and who only seems to be: the engine that is heard last."""
