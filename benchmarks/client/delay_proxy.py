"""Puts a distance between a client and a server on loopback: every byte arrives half a round trip late.

A connection costs one round trip before its first byte, as TCP's handshake does. Bytes
are delayed, not held back: what is sent together arrives together.
"""

from __future__ import annotations

import argparse
import asyncio
import json


async def _late(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float, first_seconds: float
) -> None:
    """Copies a direction; ``first_seconds`` is added to the first piece."""
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(64)

    async def receive() -> None:
        extra = first_seconds
        while data := await reader.read(1 << 16):
            await pieces.put((loop.time() + seconds + extra, data))
            extra = 0.0
        await pieces.put((loop.time() + seconds, b""))

    receiving = asyncio.create_task(receive())
    try:
        while True:
            due, data = await pieces.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not data:
                break
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        receiving.cancel()
        writer.close()


async def serve(port: int, target: int, round_trip_seconds: float) -> None:
    """Serves until the process ends; prints its port in one line of JSON."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        half = round_trip_seconds / 2
        await asyncio.gather(
            _late(reader, far_writer, half, round_trip_seconds), _late(far_reader, writer, half, 0.0)
        )

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", type=int, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--milliseconds", type=float, default=25.0)
    given = parser.parse_args()
    asyncio.run(serve(given.port, given.target, given.milliseconds / 1000))
