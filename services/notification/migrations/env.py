from chassis.migrations import run
from services.notification.storage.tables import METADATA

run(METADATA)
