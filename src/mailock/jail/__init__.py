"""Where dangerous bytes are opened: a warm program that never sees mail forks a child for each message, without rights.

`host` is our side of the border, `worker` and `child` are the other one; what passes between them stands in `wire`
(between us and the warm program, both ours) and in `frames` (what a child says: hostile).
"""
