"""The power goes at every moment, and what was not synced is lost, reordered or torn (DECISIONS 3)."""
