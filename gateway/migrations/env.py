from chassis.migrations import run
from gateway.storage.tables import METADATA

run(METADATA)
