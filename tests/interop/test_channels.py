"""channels_redis and seendr-peer in one channel layer: the core layer and the pub/sub one."""

import asyncio
import logging
import os
import unittest

import msgpack
from channels.exceptions import ChannelFull
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

from support import LIMIT, Peer, Redis, peer

SERVER = Redis()
logging.getLogger("asyncio").setLevel(logging.ERROR)  # Not how long we waited for the peer.

# Everything both sides can hold: each MessagePack family, the ends of the integers, nesting.
EVERYTHING = {
    "type": "probe.everything",
    "text": "Grüße, 東京, 🎥, \x00, " + "x" * 70000,
    "bytes": bytes(range(256)),
    "no bytes": b"",
    "big": 2**64 - 1,
    "small": -(2**63),
    "integers": [0, 127, 128, 255, 256, 65535, 65536, 2**32, -1, -32, -33, -129, -32769, 2**53 + 1],
    "floats": [0.0, 1.5, 0.1, -1e300],
    "nothing": None,
    "flags": [True, False],
    "nested": {"a": {"b": [{"c": []}]}, "": {}},
}


class LayerCase:
    """What holds for both layers."""

    layer = "core"

    def make_layer(self, **options):
        raise NotImplementedError

    def setUp(self):
        SERVER.client.flushall()
        self.python = self.make_layer()

    async def asyncTearDown(self):
        await self.python.flush()

    async def receive(self, channel):
        return await asyncio.wait_for(self.python.receive(channel), LIMIT)

    def listening(self, *words, **flags):
        return Peer(SERVER, *words, layer=self.layer, **flags)

    async def test_group_send_from_python_reaches_the_peer(self):
        with self.listening("channels_recv", "room.1", count=2) as listener:
            ready = listener.line()
            self.assertTrue(ready["ready"])
            self.assertEqual(ready["group"], "room.1")
            await self.python.group_send("room.1", EVERYTHING)
            self.assertEqual(listener.line(), {"message": EVERYTHING})
            await self.python.send(ready["channel"], EVERYTHING)
            self.assertEqual(listener.rest(), [{"message": EVERYTHING}, {"received": 2}])

    async def test_group_send_from_the_peer_reaches_python(self):
        channel = await self.python.new_channel()
        await self.python.group_add("room.1", channel)
        sent = {**EVERYTHING, "text": "Grüße, 東京, 🎥"}  # Short enough for a command line.
        answer = peer(SERVER, "channels_send", "room.1", sent, layer=self.layer)
        self.assertEqual(answer["sent"], sent)
        self.assertEqual(await self.receive(channel), sent)
        answer = peer(SERVER, "channel_send", channel, sent, layer=self.layer)
        self.assertEqual(answer, {"sent": sent})
        self.assertEqual(await self.receive(channel), sent)

    async def test_messages_keep_their_order(self):
        with self.listening("channels_recv", "g", count=200) as listener:
            channel = listener.line()["channel"]
            for n in range(200):
                # An inbox that is full is one that the peer has not come to yet.
                while not await self.sent(channel, {"type": "x", "n": n}):
                    await asyncio.sleep(0.01)
            numbers = [line["message"]["n"] for line in listener.rest()[:-1]]
        self.assertEqual(numbers, list(range(200)))

    async def sent(self, channel, message):
        try:
            await self.python.send(channel, message)
            return True
        except ChannelFull:
            return False

    async def test_a_request_is_answered_on_the_channel_it_names(self):
        mine = await self.python.new_channel()
        with self.listening("channels_echo", "g", count=3) as listener:
            channel = listener.line()["channel"]
            for n in range(3):
                ping = {"type": "probe.ping", "reply_channel": mine, "n": n}
                await self.python.send(channel, ping)
                self.assertEqual(await self.receive(mine), {"type": "probe.pong", "n": n})
            self.assertEqual(listener.rest()[-1], {"received": 3})

    async def test_a_request_of_the_peer_is_answered_on_the_channel_it_names(self):
        mine = await self.python.new_channel()
        with self.listening("channels_recv", "g", count=1) as listener:
            ping = {"type": "probe.ping", "reply_channel": listener.line()["channel"], "n": 7}
            peer(SERVER, "channel_send", mine, ping, layer=self.layer)
            heard = await self.receive(mine)
            self.assertEqual(heard, ping)
            await self.python.send(heard["reply_channel"], {"type": "probe.pong", "n": heard["n"]})
            self.assertEqual(listener.rest()[0], {"message": {"type": "probe.pong", "n": 7}})

    async def test_a_group_with_members_on_both_sides(self):
        mine = await self.python.new_channel()
        await self.python.group_add("both", mine)
        with self.listening("channels_recv", "both", count=2) as listener:
            listener.line()
            await self.python.group_send("both", {"type": "x", "from": "python"})
            self.assertEqual(await self.receive(mine), {"type": "x", "from": "python"})
            peer(SERVER, "channels_send", "both", {"type": "x", "from": "peer"}, layer=self.layer)
            self.assertEqual(await self.receive(mine), {"type": "x", "from": "peer"})
            senders = [line["message"]["from"] for line in listener.rest()[:-1]]
        self.assertEqual(senders, ["python", "peer"])

    async def test_who_left_gets_nothing(self):
        mine = await self.python.new_channel()
        await self.python.group_add("g", mine)
        await self.python.group_discard("g", mine)
        answer = peer(SERVER, "channels_send", "g", {"type": "x"}, layer=self.layer)
        self.assertEqual(answer["members"], 0)
        with self.listening("channels_recv", "g", timeout=0) as listener:
            self.assertEqual(listener.rest()[-1], {"received": 0})
        await self.python.group_send("g", {"type": "x"})
        self.assertEqual(SERVER.keys(), [])

    async def test_deployments_with_other_prefixes_do_not_hear_each_other(self):
        mine = await self.python.new_channel()
        await self.python.group_add("g", mine)
        other = peer(SERVER, "channels_send", "g", {"type": "x"}, layer=self.layer, prefix="other")
        same = peer(SERVER, "channels_send", "g", {"type": "x"}, layer=self.layer)
        self.assertEqual((other["members"], same["members"]), (0, 1))


class CoreLayer(LayerCase, unittest.IsolatedAsyncioTestCase):
    UNREAD = "specific.0123456789abcdef0123456789abcdef!x"  # Nobody's inbox.

    def make_layer(self, **options):
        return RedisChannelLayer(hosts=[SERVER.url], **options)

    async def test_a_plain_channel(self):
        peer(SERVER, "channel_send", "thumbs", {"type": "thumbs.up"})
        self.assertEqual(await self.receive("thumbs"), {"type": "thumbs.up"})
        await self.python.group_add("g", "thumbs")
        peer(SERVER, "channels_send", "g", {"type": "thumbs.down"})
        self.assertEqual(await self.receive("thumbs"), {"type": "thumbs.down"})

    async def test_what_python_filled_is_full_for_the_peer(self):
        for n in range(100):
            await self.python.send(self.UNREAD, {"type": "x", "n": n})
        with self.assertRaises(ChannelFull):
            await self.python.send(self.UNREAD, {"type": "x"})
        refused = peer(SERVER, "channel_send", self.UNREAD, {"type": "x"}, status=1)
        self.assertEqual(refused, {"error": "ChannelFull", "channel": self.UNREAD})
        await self.python.group_add("g", self.UNREAD)
        told = peer(SERVER, "channels_send", "g", {"type": "x"})
        self.assertEqual((told["members"], told["full"]), (1, 1))
        self.assertEqual(SERVER.client.zcard("asgi" + self.UNREAD[:-1]), 100)

    async def test_what_the_peer_filled_is_full_for_python(self):
        small = self.make_layer(capacity=3)
        for _ in range(3):
            peer(SERVER, "channel_send", self.UNREAD, {"type": "x"}, capacity=3)
        with self.assertRaises(ChannelFull):
            await small.send(self.UNREAD, {"type": "x"})
        peer(SERVER, "channel_send", self.UNREAD, {"type": "x"}, capacity=3, status=1)
        await small.flush()

    async def test_keys_expire_as_python_expects(self):
        peer(SERVER, "channel_send", self.UNREAD, {"type": "x"})
        self.assertEqual(SERVER.keys(), ["asgi" + self.UNREAD[:-1]])
        self.assertIn(SERVER.client.ttl("asgi" + self.UNREAD[:-1]), range(50, 61))
        with self.listening("channels_recv", "g") as listener:
            member = listener.line()["channel"]
            self.assertIn(SERVER.client.ttl("asgi:group:g"), range(86000, 86401))
            self.assertEqual(SERVER.client.zrange("asgi:group:g", 0, -1), [member.encode()])

    async def test_the_peer_leaves_nothing_behind(self):
        with self.listening("channels_recv", "g", count=1) as listener:
            listener.line()
            await self.python.group_send("g", {"type": "x"})
            listener.rest()
        self.assertEqual(SERVER.keys(), [])

    async def test_a_member_that_died_does_not_keep_others_from_being_reached(self):
        with self.listening("channels_recv", "g") as killed:
            killed.line()
        mine = await self.python.new_channel()
        await self.python.group_add("g", mine)
        peer(SERVER, "channels_send", "g", {"type": "x"})
        self.assertEqual(await self.receive(mine), {"type": "x"})

    async def test_names_are_refused_as_python_refuses_them(self):
        refused = {"error": "TypeError"}
        for name in ["a b", "", "ä", "x" * 100, "a!b"]:
            answer = peer(SERVER, "channels_send", name, {"type": "x"}, status=1)
            self.assertEqual(answer, refused)
            with self.assertRaises(TypeError):
                await self.python.group_add(name, "channel")
        answer = peer(SERVER, "channel_send", "a!b!c", {"type": "x"}, status=1)
        self.assertEqual(answer, refused)
        with self.assertRaises(TypeError):
            await self.python.send("a!b!c", {"type": "x"})


class LayerOf43(RedisChannelLayer):
    """Reads and writes messages as channels_redis 4.3 does: with the defaults of msgpack."""

    def serialize(self, message):
        return os.urandom(12) + msgpack.packb(message)

    def deserialize(self, message):
        return msgpack.unpackb(message[12:])


class CoreLayerOf43(CoreLayer):
    def make_layer(self, **options):
        return LayerOf43(hosts=[SERVER.url], **options)


class PubSubLayer(LayerCase, unittest.IsolatedAsyncioTestCase):
    layer = "pubsub"

    def make_layer(self, **options):
        return RedisPubSubChannelLayer(hosts=[SERVER.url], **options)

    async def test_names_are_those_of_python(self):
        mine = await self.python.new_channel()
        with self.listening("channels_recv", "g") as listener:
            theirs = listener.line()["channel"]
            heard = {name.decode() for name in SERVER.client.pubsub_channels()}
        self.assertEqual(heard, {mine, theirs, "asgi__group__g"})
        self.assertRegex(theirs, "^asgispecific\\.[0-9a-f]{32}$")
        self.assertEqual(SERVER.keys(), [])


if __name__ == "__main__":
    unittest.main()
