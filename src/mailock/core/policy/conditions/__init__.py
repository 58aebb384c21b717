"""What a rule may ask for. A condition is a value that says of one recipient of one case whether it holds.

Two kinds, which must not be mixed up (DECISIONS 20). Conditions on *circumstances* (who, whence, where to, when, how
large, which words) hold or not whatever engines find. Conditions on *evidence* follow what was found; each of them
only ever begins to hold when more that is bad is found or less is seen, so "this, or worse" is what all of them mean.
"""
