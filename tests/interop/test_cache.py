"""Django's cache through django-redis, and seendr-peer's on the same keys."""

import datetime
import decimal
import fnmatch
import json
import unittest
import uuid

import django
from django.conf import settings

from support import SITES, Redis, django_caches, peer

SERVER = Redis()

settings.configure(USE_TZ=True, CACHES=django_caches(SERVER))
django.setup()

from django.core.cache import caches  # noqa: E402

# What JSON can hold; the lengths around 15 bytes are where compression begins.
VALUES = [
    0, 1, -7, 2**31, 2**63 - 1, 2**63, 2**70, -(2**70),
    True, False, None,
    1.5, 3.0, -0.1, 1e300, 0.1 + 0.2,
    "", "abc", "x" * 13, "x" * 14, "7", "-7", " 7 ", "1_000", "null", "x" * 100000,
    "Grüße, 東京, 🎥", "\u2028\n\t\"\\",
    [], [1, 2, "x"], [[[]]], {}, {"a": 1, "b": [1, 2, "x"]}, {"": None, "é": {"z": 1.0}},
    [float(n) for n in range(100)], list(range(1000)),
]  # fmt: skip


def same(a, b):
    """Equal, and of the same type throughout: 3.0 is not 3, and True is not 1."""
    return repr(a) == repr(b)


def values_for(alias):
    """All of them in one cache; in the others some, of every kind."""
    return VALUES if alias == "default" else VALUES[::4]


class Cache(unittest.TestCase):
    def setUp(self):
        SERVER.client.flushall()

    def test_the_peer_reads_what_django_stored(self):
        for alias, flags in SITES:
            cache = caches[alias]
            for value in values_for(alias):
                cache.set("key", value)
                answer = peer(SERVER, "cache_get", "key", **flags)
                self.assertTrue(answer["found"], value)
                self.assertTrue(same(answer["value"], value), (answer["value"], value))

    def test_django_reads_what_the_peer_stored(self):
        for alias, flags in SITES:
            cache = caches[alias]
            for value in values_for(alias):
                answer = peer(SERVER, "cache_set", "key", json.dumps(value), **flags)
                self.assertEqual(answer, {"ok": True})
                self.assertTrue(same(cache.get("key", "absent"), value), value)

    def test_the_peer_reads_what_json_makes_of_other_types(self):
        moment = datetime.datetime(2024, 1, 2, 3, 4, 5, 123456, tzinfo=datetime.timezone.utc)
        one = uuid.UUID("12345678123456781234567812345678")
        for value, text in [
            (moment, "2024-01-02T03:04:05.123Z"),
            (moment.date(), "2024-01-02"),
            (decimal.Decimal("1.10"), "1.10"),
            (one, str(one)),
            (datetime.timedelta(seconds=5), "P0DT00H00M05S"),
            ((1, 2), [1, 2]),
            ({1: 2}, {"1": 2}),
        ]:
            caches["default"].set("key", value)
            self.assertEqual(peer(SERVER, "cache_get", "key"), {"found": True, "value": text})

    def test_both_store_under_the_same_key(self):
        for alias, flags in SITES:
            cache = caches[alias]
            for name in ["key", "a:b", "with space", "é", "user:7*[x]"]:
                SERVER.client.flushall()
                cache.set(name, "value")
                theirs = SERVER.keys()
                SERVER.client.flushall()
                peer(SERVER, "cache_set", name, '"value"', **flags)
                ours = [key for key in SERVER.keys() if not key.startswith("seendr:cache:")]
                self.assertEqual(ours, theirs)
                self.assertEqual(cache.get(name), "value")

    def test_what_is_absent_is_not_found(self):
        self.assertEqual(peer(SERVER, "cache_get", "key"), {"found": False, "value": None})
        peer(SERVER, "cache_set", "key", "1")
        caches["default"].delete("key")
        self.assertFalse(peer(SERVER, "cache_get", "key")["found"])

    def test_both_give_a_value_the_same_life(self):
        cache = caches["default"]
        for timeout, low, high in [(300, 299_000, 300_000), (0.5, 1, 500), (100, 99_000, 100_000)]:
            peer(SERVER, "cache_set", "key", "1", timeout=timeout)
            self.assertIn(SERVER.client.pttl(":1:key"), range(low, high + 1))
        peer(SERVER, "cache_set", "key", "1")
        self.assertIn(cache.ttl("key"), range(298, 301))
        peer(SERVER, "cache_set", "key", "1", timeout="none")
        self.assertIsNone(cache.ttl("key"))
        peer(SERVER, "cache_set", "key", "1", timeout=0)
        self.assertIsNone(cache.get("key"))

    def test_only_one_of_both_adds(self):
        cache = caches["default"]
        self.assertTrue(cache.add("theirs", 1))
        self.assertEqual(peer(SERVER, "cache_add", "theirs", "2"), {"added": False})
        self.assertEqual(cache.get("theirs"), 1)
        self.assertEqual(peer(SERVER, "cache_add", "ours", "2"), {"added": True})
        self.assertFalse(cache.add("ours", 1))
        self.assertEqual(cache.get("ours"), 2)

    def test_both_count_in_one_key(self):
        cache = caches["default"]
        cache.set("n", 1, timeout=None)
        self.assertEqual(peer(SERVER, "cache_incr", "n"), {"value": 2})
        self.assertEqual(cache.incr("n", 10), 12)
        self.assertEqual(peer(SERVER, "cache_incr", "n", "-2"), {"value": 10})
        self.assertEqual(cache.decr("n", 3), 7)
        self.assertEqual(peer(SERVER, "cache_get", "n"), {"found": True, "value": 7})
        self.assertIsNone(cache.ttl("n"))

    def test_counting_is_refused_as_django_refuses_it(self):
        self.assertEqual(peer(SERVER, "cache_incr", "none", status=1), {"error": "ValueError"})
        with self.assertRaises(ValueError):
            caches["default"].incr("none")
        caches["default"].set("text", "seven")
        self.assertEqual(peer(SERVER, "cache_incr", "text", status=1), {"error": "TypeError"})
        with self.assertRaises(TypeError):
            caches["default"].incr("text")
        self.assertEqual(caches["default"].get("text"), "seven")

    def test_each_deletes_what_the_other_stored(self):
        for alias, flags in SITES:
            cache = caches[alias]
            cache.set("key", "value")
            self.assertEqual(peer(SERVER, "cache_delete", "key", **flags), {"deleted": True})
            self.assertIsNone(cache.get("key"))
            self.assertEqual(peer(SERVER, "cache_delete", "key", **flags), {"deleted": False})
            peer(SERVER, "cache_set", "key", "1", **flags)
            self.assertTrue(cache.delete("key"))
            self.assertFalse(peer(SERVER, "cache_get", "key", **flags)["found"])

    def test_both_list_the_same_keys(self):
        for alias, flags in SITES:
            cache = caches[alias]
            SERVER.client.flushall()
            cache.set("user:elsewhere", 1, version=9)
            for name in ["user:1", "user:2", "room:1"]:
                cache.set(name, 1)
            peer(SERVER, "cache_set", "user:3", "1", **flags)
            for pattern in ["user:*", "user:[12]", "*:1", "room:?", "nothing*"]:
                ours = peer(SERVER, "cache_keys", pattern, **flags)["keys"]
                names = ["room:1", "user:1", "user:2", "user:3"]
                expected = [name for name in names if fnmatch.fnmatchcase(name, pattern)]
                self.assertEqual(ours, expected, pattern)
                if "key_prefix" not in flags:  # django-redis cuts one with a colon wrongly.
                    self.assertEqual(sorted(cache.keys(pattern)), expected, pattern)

    def test_a_pickled_value_is_a_miss(self):
        for value in ["text" * 10, {"a": [1]}, None]:
            caches["pickled"].set("key", value)
            self.assertEqual(peer(SERVER, "cache_get", "key"), {"found": False, "value": None})

    def test_versions_are_apart(self):
        cache = caches["default"]
        cache.set("key", "one", version=1)
        cache.set("key", "two", version=2)
        self.assertEqual(peer(SERVER, "cache_get", "key", version=1)["value"], "one")
        self.assertEqual(peer(SERVER, "cache_get", "key", version=2)["value"], "two")
        self.assertFalse(peer(SERVER, "cache_get", "key", version=3)["found"])


if __name__ == "__main__":
    unittest.main()
