"""Station 5, send: takes copies that are ready to their next hops, over connections that are kept and reused."""
