"""What goes into the log of a request that was refused: one line, so that nobody outside can fill the disk with it."""

import logging
from http import HTTPStatus

LONGEST = 1000  # characters of one message


class Short(logging.Filter):
    """Leaves the traceback out where the request is at fault, and cuts a message that an address made long."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True: everything is logged."""
        is_bad = getattr(record, "status_code", None) == HTTPStatus.BAD_REQUEST
        if is_bad or record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
        if len(said := record.getMessage()) > LONGEST:
            record.msg, record.args = f"{said[:LONGEST]} …", ()
        return True
