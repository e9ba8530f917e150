"""Who plans, chooses and writes."""
