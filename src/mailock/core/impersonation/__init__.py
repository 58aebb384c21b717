"""Who a letter pretends to come from, and what it wants its reader to do: pure functions over what a reader sees."""
