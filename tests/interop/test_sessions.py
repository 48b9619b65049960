"""Django's cached sessions: written by Django and read by seendr-peer, and the other way round."""

import unittest

import django
from django.conf import settings

from support import SITES, Redis, django_caches, peer

SERVER = Redis()

settings.configure(
    SECRET_KEY="interop-secret",
    USE_TZ=True,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    SESSION_ENGINE="django.contrib.sessions.backends.cache",
    SESSION_CACHE_ALIAS="default",
    CACHES=django_caches(SERVER),
)
django.setup()

from django.contrib.auth import get_user, login, logout  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.backends.cache import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.test import override_settings  # noqa: E402

call_command("migrate", verbosity=0)

DATA = {
    "text": "Grüße, 東京, 🎥",
    "number": 2**53,
    "negative": -7,
    "float": 1.5,
    "nothing": None,
    "flag": True,
    "list": [1, [2, "x"], {}],
    "object": {"a": {"b": []}},
    "long": "x" * 5000,
}

def request_with(session):
    request = HttpRequest()
    request.session = session
    return request


class Sessions(unittest.TestCase):
    def setUp(self):
        SERVER.client.flushall()

    def test_the_peer_reads_what_django_wrote(self):
        for alias, flags in SITES:
            with self.subTest(alias), override_settings(SESSION_CACHE_ALIAS=alias):
                for data in (DATA, {"a": 1}, {}):
                    session = SessionStore()
                    session.update(data)
                    session.create()
                    answer = peer(SERVER, "session_read", session.session_key, **flags)
                    self.assertEqual(answer, {"found": True, "data": data})

    def test_django_reads_what_the_peer_wrote(self):
        for alias, flags in SITES:
            with self.subTest(alias), override_settings(SESSION_CACHE_ALIAS=alias):
                for data in (DATA, {"a": 1}, {}):
                    answer = peer(SERVER, "session_create", data, **flags)
                    self.assertEqual(answer["data"], data)
                    self.assertEqual(SessionStore(answer["key"]).load(), data)

    def test_both_store_the_same_key_with_the_same_life(self):
        session = SessionStore()
        session["a"] = 1
        session.create()
        key = peer(SERVER, "session_create", {"a": 1})["key"]
        front = ":1:django.contrib.sessions.cache"
        self.assertEqual(SERVER.keys(), sorted([front + session.session_key, front + key]))
        self.assertRegex(key, "^[a-z0-9]{32}$")
        self.assertEqual(SERVER.client.get(front + key), b'{"a":1}')
        for name in SERVER.keys():
            self.assertIn(SERVER.client.ttl(name), range(1209500, 1209601))

    def test_both_store_the_life_that_the_session_names(self):
        session = SessionStore()
        session.set_expiry(500)
        session.create()
        answer = peer(SERVER, "session_read", session.session_key)
        self.assertEqual(answer["data"], {"_session_expiry": 500})
        key = peer(SERVER, "session_create", {"_session_expiry": 500})["key"]
        self.assertIn(SERVER.client.ttl(":1:django.contrib.sessions.cache" + key), range(490, 501))
        self.assertEqual(SessionStore(key).get_expiry_age(), 500)

    def test_django_changes_a_session_of_the_peer(self):
        key = peer(SERVER, "session_create", DATA)["key"]
        session = SessionStore(key)
        session["text"] = "changed"
        session.save()
        self.assertEqual(session.session_key, key)
        self.assertEqual(peer(SERVER, "session_read", key)["data"], {**DATA, "text": "changed"})

    def test_what_is_not_there_is_not_found(self):
        nothing = {"found": False, "data": {}}
        self.assertEqual(peer(SERVER, "session_read", "a" * 32), nothing)
        self.assertEqual(peer(SERVER, "session_read", "short"), nothing)
        session = SessionStore()
        session.create()
        self.assertTrue(peer(SERVER, "session_read", session.session_key)["found"])
        session.delete()
        self.assertEqual(peer(SERVER, "session_read", session.session_key), nothing)

    def test_a_pickled_session_is_not_found(self):
        with override_settings(SESSION_CACHE_ALIAS="pickled"):
            session = SessionStore()
            session.update(DATA)
            session.create()
        answer = peer(SERVER, "session_read", session.session_key)
        self.assertEqual(answer, {"found": False, "data": {}})


class Logins(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.user = User.objects.create_user("ada", password="correct horse")

    def setUp(self):
        SERVER.client.flushall()
        self.column = self.user.password
        self.id = str(self.user.pk)

    def django_login(self):
        request = request_with(SessionStore())
        login(request, self.user, backend="django.contrib.auth.backends.ModelBackend")
        request.session.save()
        return request

    def verify(self, key, **flags):
        return peer(SERVER, "session_verify", key, **{"password_field": self.column, **flags})

    def test_a_login_through_django_is_accepted(self):
        request = self.django_login()
        answer = self.verify(request.session.session_key)
        self.assertEqual(answer, {"valid": True, "user_id": self.id})

    def test_a_login_is_refused_under_another_key_or_password(self):
        key = self.django_login().session.session_key
        self.assertFalse(self.verify(key, secret_key="another")["valid"])
        self.assertFalse(self.verify(key, password_field="md5$salt$another")["valid"])
        self.assertFalse(self.verify(key, password_field="")["valid"])

    def test_a_new_password_ends_older_logins(self):
        key = self.django_login().session.session_key
        self.user.set_password("battery staple")
        self.user.save()
        self.assertFalse(self.verify(key, password_field=self.user.password)["valid"])

    def test_a_logout_ends_the_login(self):
        request = self.django_login()
        key = request.session.session_key
        logout(request)
        self.assertEqual(self.verify(key), {"valid": False, "user_id": None})

    def test_a_session_of_nobody_is_nobodys(self):
        key = peer(SERVER, "session_create", {"cart": [1]})["key"]
        self.assertEqual(self.verify(key), {"valid": False, "user_id": None})

    def test_django_accepts_a_login_of_the_peer(self):
        answer = peer(SERVER, "session_login", self.id, password_field=self.column)
        self.assertEqual(get_user(request_with(SessionStore(answer["key"]))), self.user)
        self.assertEqual(self.verify(answer["key"]), {"valid": True, "user_id": self.id})
        ours = answer["data"]
        theirs = dict(self.django_login().session.items())
        self.assertEqual(ours, theirs)

    def test_django_refuses_a_login_of_the_peer_under_another_key_or_password(self):
        for flags in ({"secret_key": "another"}, {"password_field": "md5$salt$another"}):
            flags = {"password_field": self.column, **flags}
            answer = peer(SERVER, "session_login", self.id, **flags)
            self.assertTrue(get_user(request_with(SessionStore(answer["key"]))).is_anonymous)


if __name__ == "__main__":
    unittest.main()
