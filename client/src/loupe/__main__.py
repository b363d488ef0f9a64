"""`python -m loupe` is the command `loupe`."""

from loupe.cli.entry import main

main()
