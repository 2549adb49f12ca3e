"""Programs that tests ask a second opinion of; installed where we are root, else named."""

import shutil
import sys
from collections.abc import Mapping
from typing import Final

from deploy.servers import packages

TOOLS: Final[Mapping[str, str]] = {
    "xmlsec1": "xmlsec1",
    "pdftotext": "poppler-utils",
    "qpdf": "qpdf",
    "pdfsig": "poppler-utils",
    "zbarimg": "zbar-tools",
    "certutil": "libnss3-tools",
    "chromium": "chromium",
    "curl": "curl",
    "openssl": "openssl",
    "softhsm2-util": "softhsm2",
    "unshare": "util-linux",
}


def missing_packages() -> list[str]:
    """Debian's names of the packages whose programs are not there."""
    return sorted({package for tool, package in TOOLS.items() if shutil.which(tool) is None})


def main() -> int:
    missing = missing_packages()
    if not missing:
        return 0
    wanted = " ".join(missing)
    if not packages.can_install():
        sys.stderr.write(f"Tests need programs that are not here: apt-get install {wanted}\n")
        return 1
    sys.stderr.write(f"Installing {wanted} …\n")
    try:
        packages.install(*missing)
    except packages.InstallFailed as error:
        sys.stderr.write(f"{error}\nInstall by hand: {wanted}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
