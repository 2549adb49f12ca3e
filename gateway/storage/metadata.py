from typing import Final

from chassis.db import new_metadata

METADATA: Final = new_metadata()
