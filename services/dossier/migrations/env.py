from chassis.migrations import run
from services.dossier.storage.tables import METADATA

run(METADATA)
