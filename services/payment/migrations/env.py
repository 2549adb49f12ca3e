from chassis.migrations import run
from services.payment.storage.tables import METADATA

run(METADATA)
