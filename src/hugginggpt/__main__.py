"""`python -m hugginggpt`."""

from hugginggpt.apps.cli import main

if __name__ == "__main__":
    main()
