"""Where the single binary begins."""

import sys

from smallcrm.cli import main

sys.exit(main())
