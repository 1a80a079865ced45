"""`python -m dot`, the same as the command `dot`."""

from dot.cli import main

if __name__ == "__main__":
    main()
