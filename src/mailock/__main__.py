"""`python -m mailock` is `mailock`."""

from mailock.cli.main import main

main()
