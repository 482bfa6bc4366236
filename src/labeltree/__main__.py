"""`python -m labeltree` is `labeltree`."""

from labeltree.cli.main import main

if __name__ == "__main__":
    main()
