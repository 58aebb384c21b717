"""Everything that can hold files: opens it and gives what is inside, child by child, within the message's purse."""
