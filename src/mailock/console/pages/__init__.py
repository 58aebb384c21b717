"""The pages, each a function of who asks and of what the operations answer."""
