"""`python -m deploy.bench`: what one fee payment costs."""

import typer

from deploy.bench.main import main

typer.run(main)
