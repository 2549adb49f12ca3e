from chassis.migrations import run
from services.catalog.storage.tables import METADATA

run(METADATA)
