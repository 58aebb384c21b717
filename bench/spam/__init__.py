"""Making and measuring the classifier's model: `make model`."""
