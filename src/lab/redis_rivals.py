"""What the Python packages make of the operations that `seendr bench redis` measures.

usage: redis_rivals.py SOCKET SECONDS

One JSON object a line: {"name", "rival", "per_s"}, or {"name", "rival", "missing": why}. Each figure
is one caller's, who waits for each answer, as a request in a Django process does.
"""

import asyncio
import json
import sys
import time

SOCKET, SECONDS = sys.argv[1], float(sys.argv[2])
DATABASE = 1  # Ours are in 0.
MEMBERS = 10  # Of the group that is sent to.
SUBJECTS = 10_000  # Whose calls are limited.
NAMES = 300  # That are ranked.


def say(name, rival, **figures):
    print(json.dumps({"name": name, "rival": rival, **figures}), flush=True)


def measure(name, rival, operation):
    operation()
    count, start = 0, time.perf_counter()
    now = start
    while now < start + SECONDS:
        operation()
        count += 1
        now = time.perf_counter()
    say(name, rival, per_s=count / (now - start))


def attempt(names, rival, body):
    """Says of each of the names why there is no figure when there is none."""
    try:
        body()
    except Exception as error:
        for name in names:
            say(name, rival, missing=f"{type(error).__name__}: {error}")


def django():
    from django.conf import settings

    settings.configure(
        CACHES={
            "default": {
                "BACKEND": "django_redis.cache.RedisCache",
                "LOCATION": f"unix://{SOCKET}?db={DATABASE}",
                "OPTIONS": {
                    "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
                    "COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor",
                },
            }
        }
    )
    import django as package
    from django.core.cache import cache
    from django_redis import get_redis_connection

    package.setup()
    redis = get_redis_connection("default")
    text = "x" * 100

    redis.set("bench", text)
    measure("get", "django-redis", lambda: redis.get("bench"))
    measure("set", "django-redis", lambda: redis.set("bench", text))
    script = redis.register_script("return redis.call('GET', KEYS[1])")
    measure("evalsha", "django-redis", lambda: script(keys=["bench"]))

    cache.set("person", text, 300)
    measure("cache_hit", "django-redis", lambda: cache.get("person"))

    turn = iter(range(sys.maxsize))

    def limited():
        """A fixed window by INCR, as is usual there."""
        key = f"ratelimit:{next(turn) % SUBJECTS}"
        current = redis.incr(key)
        if current == 1:
            redis.expire(key, 60)
        return current <= 10

    measure("limiter", "django-redis", limited)

    def ranked():
        redis.zincrby("trending", 1, f"interest{next(turn) % NAMES}")

    measure("ranking_increment", "django-redis", ranked)


async def send_to_a_group():
    from channels_redis.core import RedisChannelLayer

    layer = RedisChannelLayer(hosts=[f"unix://{SOCKET}?db={DATABASE}"])
    channels = [await layer.new_channel() for _ in range(MEMBERS)]
    for channel in channels:
        await layer.group_add("bench", channel)
    message = {"type": "bench.message", "text": "x" * 100}

    async def once():
        await layer.group_send("bench", message)
        for channel in channels:
            await layer.receive(channel)

    await once()
    count, start = 0, time.perf_counter()
    now = start
    while now < start + SECONDS:
        await once()
        count += 1
        now = time.perf_counter()
    say("group_send", "channels_redis", per_s=count / (now - start))


attempt(
    ["get", "set", "evalsha", "cache_hit", "limiter", "ranking_increment"], "django-redis", django
)
attempt(["group_send"], "channels_redis", lambda: asyncio.run(send_to_a_group()))
