"""What a jail promises, in each of its strengths: what gets out, what ends, what is heard."""
