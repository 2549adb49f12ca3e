from chassis.migrations import run
from services.receipt.storage.tables import METADATA

run(METADATA)
