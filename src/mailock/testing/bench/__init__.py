"""Mailock beside its peers on one machine: how fast, how much memory, how long a client waits.

What makes a figure comparable, and so holds for every measure here:

- Both sides are measured in one run, in turns (A B A B …), at least three times each; median and range are told.
- The same client, the same message, the same number of sessions. The client is Postfix's `smtp-source`, the next hop
  its `smtp-sink`: neither is ours. Where they cannot do it (TLS, idle connections, an open loop) a small client of our
  own is used, on both sides alike.
- Client, server and next hop share the machine, so what client and next hop take is taken from every side. That draws
  ratios towards one; nothing is subtracted.
- Each run starts its side afresh on an empty queue on a real disk, warms it up, and syncs the disk first.
- 250 means durable on every side. How often the disk was really flushed is read from the kernel and told.
- "Relayed" ends when the next hop has counted every message, not when the last 250 came.
"""
