"""What looks in: the command line."""
