"""`python -m launch`: what `make run` calls."""

import sys

from launch.app import main

sys.exit(main(sys.argv[1:]))
