"""How seendr-peer tells that a command cannot be run."""

import os
import subprocess
import unittest

from support import LIMIT, Redis, peer

SERVER = Redis()


def status(*words):
    command = [os.environ["SEENDR_PEER"], *words]
    return subprocess.run(command, capture_output=True, timeout=LIMIT).returncode


class Peer(unittest.TestCase):
    def test_wrong_usage_is_status_2(self):
        for words in (
            [],
            ["no_such_command"],
            ["cache_get"],
            ["cache_get", "a", "b"],
            ["--no-such-flag", "1", "cache_get", "a"],
            ["--layer", "other", "channels_recv", "g"],
        ):
            self.assertEqual(status(*words), 2, words)

    def test_help_names_every_command(self):
        command = [os.environ["SEENDR_PEER"], "--help"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
        self.assertEqual(done.returncode, 0)
        for name in ("channels_recv GROUP", "session_verify KEY", "cache_incr KEY [N]"):
            self.assertIn(name, done.stdout)

    def test_arguments_that_are_not_json_are_value_errors(self):
        for words in (
            ["channels_send", "g", "{"],
            ["channels_send", "g", '{"type": "x", "b": {"__bytes__": "?"}}'],
            ["channels_send", "g", '{"type": "x", "b": {"__bytes__": 1}}'],
            ["cache_set", "key", "{"],
            ["session_create", "[]"],
        ):
            self.assertEqual(peer(SERVER, *words, status=1)["error"], "ValueError", words)

    def test_a_redis_that_is_not_there_is_a_connection_error(self):
        gone = Redis()
        gone.stop()
        answer = peer(gone, "cache_get", "key", status=1)
        self.assertEqual(answer["error"], "ConnectionError")


if __name__ == "__main__":
    unittest.main()
