"""The commands: one file each. They read arguments, ask operations or the running mailflow, and print."""
