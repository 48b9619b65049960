"""A Redis of the test's own, and seendr-peer (SEENDR_PEER names it) as a function and a process."""

import atexit
import base64
import ctypes
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

import redis

LIMIT = 30  # Seconds that anything may take.


def _end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Redis:
    """redis-server on a unix socket in a temporary directory; ends with the test."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="seendr-interop-")
        self.socket = os.path.join(self.directory, "redis.sock")
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        options = {"port": "0", "unixsocket": self.socket, "save": "", "dir": self.directory}
        self.process = subprocess.Popen(
            [program] + [word for name in options for word in ("--" + name, options[name])],
            stdout=subprocess.DEVNULL,
            preexec_fn=_end_with_parent,
        )
        atexit.register(self.stop)
        self.client = redis.Redis(unix_socket_path=self.socket)
        deadline = time.monotonic() + LIMIT
        while not self._answers():
            assert time.monotonic() < deadline, "redis-server did not start"
            time.sleep(0.01)

    def _answers(self):
        try:
            return os.path.exists(self.socket) and self.client.ping()
        except redis.ConnectionError:
            return False

    def stop(self):
        self.client.close()
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def url(self):
        return "unix://" + self.socket

    def keys(self):
        return sorted(key.decode() for key in self.client.keys("*"))


def _command(server, flags, words):
    command = [os.environ["SEENDR_PEER"], "--redis", server.url]
    for name, value in flags.items():
        command += ["--" + name.replace("_", "-"), str(value)]
    return command + [word if isinstance(word, str) else to_text(word) for word in words]


def to_text(value):
    """JSON in which a byte string is {"__bytes__": base64}."""

    def other(raw):
        return {"__bytes__": base64.b64encode(raw).decode()}

    return json.dumps(value, default=other)


def from_text(line):
    def pairs(items):
        if len(items) == 1 and items[0][0] == "__bytes__":
            return base64.b64decode(items[0][1])
        return dict(items)

    return json.loads(line, object_pairs_hook=pairs)


def peer(server, *words, status=0, **flags):
    """Runs one command and returns the one line it printed."""
    command = _command(server, flags, words)
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    (line,) = done.stdout.splitlines()
    return from_text(line)


class Peer:
    """A command that goes on: a context manager; lines() gives what it prints."""

    def __init__(self, server, *words, **flags):
        self.process = subprocess.Popen(
            _command(server, flags, words),
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=_end_with_parent,
        )

    def line(self):
        text = self.process.stdout.readline()
        assert text, "the peer ended"
        return from_text(text)

    def rest(self):
        """What it prints until it ends, which it must do well."""
        lines = [from_text(text) for text in self.process.stdout]
        assert self.process.wait(LIMIT) == 0, lines
        return lines

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def django_cache(server, prefix="", version=1, compressor="zlib.Zlib", serializer="json.JSON"):
    """An entry of Django's CACHES."""
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": server.url + "?db=0",
        "KEY_PREFIX": prefix,
        "VERSION": version,
        "OPTIONS": {
            "SERIALIZER": f"django_redis.serializers.{serializer}Serializer",
            "COMPRESSOR": f"django_redis.compressors.{compressor}Compressor",
        },
    }


def django_caches(server):
    return {
        "default": django_cache(server),
        "other": django_cache(server, prefix="site:a*", version=3),
        "plain": django_cache(server, compressor="identity.Identity"),
        "pickled": django_cache(server, serializer="pickle.Pickle"),
    }


# The caches that a site may share, and the flags that tell seendr-peer of them.
SITES = [
    ("default", {}),
    ("other", {"key_prefix": "site:a*", "version": 3}),
    ("plain", {"compressor": "identity"}),
]
