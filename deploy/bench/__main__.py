"""`python -m deploy.bench`: what one fee payment costs."""

from deploy.bench.main import main

main()
