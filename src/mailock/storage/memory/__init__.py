"""The reference store: everything in memory, nothing survives. One contract suite holds the other stores to it."""
