"""What a run's end means to a shell."""

OK = 0
"""All tasks ended in artifacts, or no task was needed."""
NO_ANSWER = 1
USAGE = 2
INCOMPLETE = 3
"""An answer, but some task failed, was skipped or was left out."""
NOT_UNDERSTOOD = 4
STOPPED = 130
"""By Ctrl-C, as shells count it."""
