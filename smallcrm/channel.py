"""waitress's channel, but for two things.

A request whose end could be read in two ways is refused: a proxy may have read the other one. A body for which the disk
has no room is read to its end and dropped, and the app told so, which answers in the reader's language.
"""

from __future__ import annotations

import io
import logging
from contextlib import suppress

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError

from smallcrm.store import durable
from smallcrm.web.context import BODY_LOST

log = logging.getLogger(__name__)


class _Nowhere(io.BytesIO):
    """A body that is not kept, in the place of waitress's buffer."""

    def append(self, data: bytes) -> None:
        pass

    def getfile(self) -> io.BytesIO:
        return self

    def __len__(self) -> int:
        return 0


class _Parser(HTTPRequestParser):
    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        self.headers.pop(BODY_LOST, None)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length and Transfer-Encoding exclude each other")

    def received(self, data: bytes) -> int:
        try:
            return int(super().received(data))
        except OSError as error:
            said = durable.refusal(error)
            if said is None or self.body_rcv is None:
                raise
            log.error("%s %s: %s", self.command, self.path, error)
            with suppress(OSError):  # it tries once more to write what it holds
                self.body_rcv.buf.close()
            self.body_rcv.buf = _Nowhere()
            self.headers |= {BODY_LOST: str(said.status), "CONTENT_LENGTH": "0"}
            if self.chunked:  # where its pieces end is no longer known
                self.completed = self.connection_close = True
                return len(data)
            return int(super().received(data))


class Channel(HTTPChannel):
    """What one connection sends, read by our parser."""

    parser_class = _Parser
