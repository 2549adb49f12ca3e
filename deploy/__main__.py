"""`python -m deploy` is `lephi`."""

from deploy.cli import main

main()
