"""What was seen in a message, and what was not: the values that engines give and that verdict and policy take."""
