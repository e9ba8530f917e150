"""Where runs and bytes are kept."""
