"""What is measured: planning scores, and the overhead over the critical path."""
