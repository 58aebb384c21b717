"""Station 2, examine: takes a message apart in the jail, has every engine look that is due, and says what was not seen.

`inside` runs in the jail, `outside` on this side of its door; `wire` is what goes through it.
"""
