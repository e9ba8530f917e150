"""A controller with no LLM at all: it reads the request by rule, and writes from templates."""
