# SPDX-License-Identifier: Apache-2.0
"""delay.py PORT TARGET_PORT MS: a TCP proxy on loopback; all bytes take MS longer each way."""
import asyncio
import sys

CHUNK = 65536


async def carry(reader, writer, seconds):
    """Each chunk leaves `seconds` after it came, in order, however many are on the way."""
    queue = asyncio.Queue()

    async def send():
        while True:
            due, data = await queue.get()
            await asyncio.sleep(max(0, due - loop.time()))
            if not data:
                break
            writer.write(data)
            await writer.drain()
        writer.close()

    loop = asyncio.get_running_loop()
    sender = asyncio.ensure_future(send())
    try:
        data = True
        while data:
            data = await reader.read(CHUNK)
            queue.put_nowait((loop.time() + seconds, data))
        await sender
    except ConnectionError:
        sender.cancel()
        writer.close()


async def main(port, target_port, seconds):
    async def serve(reader, writer):
        # What a real connection takes to be there: one round trip.
        await asyncio.sleep(2 * seconds)
        there = await asyncio.open_connection("127.0.0.1", target_port)
        await asyncio.gather(carry(reader, there[1], seconds),
                             carry(there[0], writer, seconds))

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 1000))
