"""What we ship for testing: fakes, samples, and the bench that runs Mailock beside its peers."""
