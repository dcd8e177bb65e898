"""Publishes events through Redis pub/sub: publish.py PORT COUNT PER_SECOND BYTES; a rate of 0 is as fast as it goes."""
import json
import sys
import time

import redis

port, count, rate, size = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
client = redis.Redis(port=port)
begun, padding = time.monotonic(), "x" * size
for number in range(count):
    if rate:
        time.sleep(max(0, begun + number / rate - time.monotonic()))
    # Without a space after the colon, as the load program looks for it.
    event = {"type": "narration", "id": str(number), "data": {"number": number, "sent": str(time.time_ns()), "text": padding}}
    client.publish("events", json.dumps(event, separators=(",", ":")))
