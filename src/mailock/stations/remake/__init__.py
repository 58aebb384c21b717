"""Station 4, remake: makes the changes that policy ordered, in the jail, and checks what comes out of it.

`inside` runs in the jail, `station` on this side of its door, and `check` believes nothing that came through it.
"""
