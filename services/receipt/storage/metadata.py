from chassis.db import new_metadata

METADATA = new_metadata()
