"""A small SMTP server that keeps the mails it gets."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from attrs import define, field


@define
class Mailbox:
    """What came, and whose mail is refused."""

    port: int = 0
    mails: list[EmailMessage] = field(factory=list)
    refused: str = "<nobody@example.org>"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    mailbox: Mailbox


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            match line.split(" ")[0].split(":")[0].upper():
                case "QUIT":
                    self._say("221 bye")
                    return
                case "RCPT" if self.server.mailbox.refused in line:
                    self._say("550 no such person")
                case "DATA":
                    self._say("354 go on")
                    self._keep()
                    self._say("250 taken")
                case _:
                    self._say("250 ok")

    def _keep(self) -> None:
        lines = list(iter(self.rfile.readline, b".\r\n"))
        self.server.mailbox.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Run the server on a free port of 127.0.0.1."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.mailbox = Mailbox(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.mailbox
        finally:
            server.shutdown()
            thread.join()
