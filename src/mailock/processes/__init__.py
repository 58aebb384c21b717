"""The processes of Mailock: which there are, how they are started and wired. The only place that knows everything."""
