"""Starlette and Redis pub/sub, as one would write it: one subscription of the process, a queue for each listener."""
import asyncio
import contextlib
import os

import redis.asyncio as redis
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route, WebSocketRoute

listeners = set()


async def relay():
    client = redis.Redis(port=int(os.environ["BENCH_REDIS_PORT"]))
    subscription = client.pubsub()
    await subscription.subscribe("events")
    async for message in subscription.listen():
        if message["type"] == "message":
            text = message["data"].decode()
            for queue in listeners:
                queue.put_nowait(text)


@contextlib.asynccontextmanager
async def lifespan(_):
    relaying = asyncio.create_task(relay())
    yield
    relaying.cancel()


async def socket(websocket):
    await websocket.accept()
    queue = asyncio.Queue()
    listeners.add(queue)
    try:
        while True:
            await websocket.send_text(await queue.get())
    finally:
        listeners.discard(queue)


async def stream(_):
    queue = asyncio.Queue()
    listeners.add(queue)

    async def events():
        try:
            yield ": listening\n\n"
            while True:
                yield f"data: {await queue.get()}\n\n"
        finally:
            listeners.discard(queue)

    return StreamingResponse(events(), media_type="text/event-stream")


app = Starlette(routes=[WebSocketRoute("/ws", socket), Route("/sse", stream)], lifespan=lifespan)
