"""What travels: the nouns of a run, frozen and checked. Imports pydantic and the standard library, nothing of ours."""
