"""The policy file: units, the model of every setting, and the reader that reports all mistakes together."""
