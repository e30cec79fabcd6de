"""A mail server that keeps nothing but the moment and the length of each letter, and may take its time."""

# It knows no more of SMTP than it must, so that whoever sends is slower than it.

import asyncio
import sys
import time
from pathlib import Path
from typing import BinaryIO

END = b"\r\n.\r\n"
HELLO = b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
ANSWERS = {b"EHLO": HELLO, b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
TAKEN = b"250 2.0.0 taken\r\n"


class Sink(asyncio.Protocol):
    """One line of somebody who sends."""

    def __init__(self, delay: float, file: BinaryIO) -> None:
        self.delay, self.file = delay, file
        self.held = bytearray()
        self.inside = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self.line = transport
        self.line.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """A command, or a piece of a letter."""
        self.held += data
        if self.inside and self.held.endswith(END):
            self.inside, length = False, len(self.held) - len(END) + 2
            self.held.clear()
            asyncio.get_running_loop().call_later(self.delay, self._take, length)
        elif not self.inside and self.held.endswith(b"\r\n"):
            commands = [line[:4].upper() for line in bytes(self.held).splitlines()]
            self.held.clear()
            self.inside = commands[-1] == b"DATA"
            self.line.write(b"".join(ANSWERS.get(command, b"250 2.1.0 ok\r\n") for command in commands))

    def _take(self, length: int) -> None:
        self.file.write(f"{time.monotonic()} {length}\n".encode())
        self.line.write(TAKEN)


async def main(port: int, delay: float, file: Path) -> None:
    """Serve until told to stop."""
    with file.open("ab", buffering=0) as notes:
        server = await asyncio.get_running_loop().create_server(lambda: Sink(delay, notes), "127.0.0.1", port)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3])))
