"""What shall happen: the installed revision as values, and the decisions that follow from it. Nothing else decides."""
