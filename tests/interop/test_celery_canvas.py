"""Chains, groups and chords of Celery through Seendr workers."""

import datetime
import json
import time
import unittest

from celery import Celery, chain, chord, group
from celery.exceptions import ChordError, TaskRevokedError
from kombu import Exchange, Queue

from celery_support import SERVER, PythonWorker, SeendrWorker, app, becomes, left_over, send, sig
from celery_probe import URL  # After celery_support, which sets what it reads.
from support import LIMIT


class SeendrRuns(unittest.TestCase):
    """Chains, groups and chords of Python, run by a Seendr worker."""

    @classmethod
    def setUpClass(cls):
        SERVER.client.flushall()
        cls.worker = SeendrWorker()

    @classmethod
    def tearDownClass(cls):
        cls.worker.end()

    def tearDown(self):
        self.assertTrue(becomes(lambda: not left_over()), left_over())
        self.assertEqual(SERVER.client.keys("celery-taskset-meta-*"), [])

    def test_a_chain(self):
        steps = chain(sig("probe.add", 1, 2), sig("probe.add", 10), sig("probe.echo", "x"))
        result = steps.delay()
        self.assertEqual(result.get(timeout=LIMIT), {"args": [13, "x"], "kwargs": {}})
        self.assertEqual(result.parent.get(timeout=LIMIT), 13)

    def test_an_immutable_step(self):
        last = app.signature("probe.add", args=(5,), immutable=True)
        self.assertEqual(chain(sig("probe.add", 1), last).delay().get(timeout=LIMIT), 5)

    def test_a_chain_that_breaks_fails_to_its_end(self):
        result = chain(sig("probe.fail", "boom"), sig("probe.add", 1), sig("probe.add", 1)).delay()
        with self.assertRaises(ValueError):
            result.get(timeout=LIMIT)
        self.assertEqual(result.parent.state, "FAILURE")

    def test_callbacks_and_errbacks(self):
        after = sig("probe.add", 10).set(task_id="linked")
        send("probe.add", 1, link=after)
        self.assertEqual(app.AsyncResult("linked").get(timeout=LIMIT), 11)
        failed = sig("probe.echo").set(task_id="told")
        result = send("probe.fail", "boom", link_error=failed)
        told = app.AsyncResult("told").get(timeout=LIMIT)
        self.assertEqual(told["args"], [result.id])

    def test_a_group(self):
        result = group(sig("probe.add", i, i) for i in range(20)).delay()
        self.assertEqual(result.get(timeout=LIMIT), [2 * i for i in range(20)])

    def test_a_chord(self):
        result = chord(sig("probe.add", i, i) for i in range(20))(sig("probe.sum"))
        self.assertEqual(result.get(timeout=LIMIT), sum(2 * i for i in range(20)))

    def test_a_chord_with_a_part_that_fails(self):
        result = chord([sig("probe.add", 1), sig("probe.fail", "boom")])(sig("probe.sum"))
        told = app.AsyncResult(result.id).get(timeout=LIMIT, propagate=False)
        self.assertIsInstance(told, ChordError)

    def test_a_chord_with_parts_that_are_retried(self):
        result = chord([sig("probe.retry", 1), sig("probe.retry", 2)])(sig("probe.echo"))
        self.assertEqual(result.get(timeout=LIMIT)["args"], [[{"retries": 1}, {"retries": 2}]])

    def test_a_chord_within_a_chain(self):
        steps = chain(
            sig("probe.add", 1),
            group(sig("probe.add", 10), sig("probe.add", 20)),
            sig("probe.sum"),
            sig("probe.add", 100),
        )
        self.assertEqual(steps.delay().get(timeout=LIMIT), 11 + 21 + 100)

    def test_chains_within_a_chord(self):
        parts = [chain(sig("probe.add", i), sig("probe.add", 10)) for i in range(3)]
        self.assertEqual(chord(parts)(sig("probe.sum")).get(timeout=LIMIT), 33)

    def test_a_step_waits_for_its_time(self):
        eta = datetime.datetime.utcnow() + datetime.timedelta(seconds=1)
        began = time.monotonic()
        steps = chain(sig("probe.add", 1), sig("probe.add", 10, eta=eta))
        self.assertEqual(steps.delay().get(timeout=LIMIT), 11)
        self.assertGreater(time.monotonic() - began, 0.5)

    def test_a_step_expires(self):
        past = (datetime.datetime.utcnow() - datetime.timedelta(seconds=1)).isoformat()
        result = chain(sig("probe.add", 1), sig("probe.add", 10, expires=past)).delay()
        with self.assertRaises(TaskRevokedError):
            result.get(timeout=LIMIT)

    def test_options_of_a_group_and_a_chord(self):
        where = app.signature("probe.info", immutable=True)

        def queues(infos):
            return [info["delivery_info"]["routing_key"] for info in infos]

        with SeendrWorker(queue="seendr") as worker:
            both = group(where, where).set(queue="seendr")
            result = chain(sig("probe.add", 1), both).delay()
            self.assertEqual(queues(result.get(timeout=LIMIT)), ["seendr", "seendr"])
            there = chord([where, where], sig("probe.echo")).set(queue="seendr")
            result = chain(sig("probe.add", 1), there).delay()
            self.assertEqual(queues(result.get(timeout=LIMIT)["args"][0]), ["seendr", "seendr"])
            body = chord([sig("probe.add", 1)], where).set(queue="seendr")
            result = chain(sig("probe.add", 1), body).delay()
            self.assertEqual(queues([result.get(timeout=LIMIT)]), ["seendr"])
            began = time.monotonic()
            later = group(sig("probe.add", 1), sig("probe.add", 2)).set(countdown=1)
            result = chain(sig("probe.add", 1), later).delay()
            self.assertEqual(result.get(timeout=LIMIT), [2, 3])
            self.assertGreaterEqual(time.monotonic() - began, 1)
            worker.end()

    def test_chords_within_a_chord(self):
        inner = chord([sig("probe.add", 1), sig("probe.add", 2)], sig("probe.sum"))
        longer = chain(sig("probe.add", 10), inner)
        for part, total in ((inner, 3 + 4), (longer, 23 + 4)):
            outer = chord([part, sig("probe.add", 4)], sig("probe.sum"))
            self.assertEqual(outer.delay().get(timeout=LIMIT), total)
        for part, total in ((inner, 203 + 104), (longer, 223 + 104)):
            steps = chain(
                sig("probe.add", 100), chord([part, sig("probe.add", 4)], sig("probe.sum"))
            )
            self.assertEqual(steps.delay().get(timeout=LIMIT), total)

    def test_groups_within_a_chord(self):
        inner = group(sig("probe.add", 1), sig("probe.add", 2))
        for part in (inner, chain(sig("probe.add", 0), inner)):
            steps = chain(
                sig("probe.add", 100), chord([part, sig("probe.add", 4)], sig("probe.sum"))
            )
            self.assertEqual(steps.delay().get(timeout=LIMIT), 101 + 102 + 104)

    def test_a_chord_fails_with_one_within(self):
        failing = chord([sig("probe.add", 1), sig("probe.fail", "boom")], sig("probe.sum"))
        broken = chain(sig("probe.fail", "boom"), chord([sig("probe.add", 1)], sig("probe.sum")))
        for part in (failing, broken):
            result = chord([part, sig("probe.add", 4)], sig("probe.sum")).delay()
            told = app.AsyncResult(result.id).get(timeout=LIMIT, propagate=False)
            self.assertIsInstance(told, ChordError)


class RoutedByTopic(unittest.TestCase):
    """What a Python application sends by an exchange goes on in the queue that it was taken from."""

    def setUp(self):
        SERVER.client.flushall()
        self.app = Celery("topic", broker=URL, backend=URL, set_as_current=False)
        self.app.conf.update(
            result_expires=600,
            task_queues=[Queue("routed", Exchange("jobs", type="topic"), routing_key="jobs.any")],
            task_default_queue="routed",
            task_default_exchange="jobs",
            task_default_exchange_type="topic",
            task_default_routing_key="jobs.any",
        )

    def test_steps_and_retries(self):
        with SeendrWorker(queue="routed") as worker:
            names = ("probe.add", "probe.retry", "probe.echo")
            add, retry, echo = (self.app.signature(name, args=(1,)) for name in names)
            retry.set(immutable=True)
            sent = chain(add, retry, echo, app=self.app).delay()
            result = app.AsyncResult(sent.id).get(timeout=LIMIT)
            self.assertEqual(result["args"], [{"retries": 1}, 1])
            worker.end()
        self.assertEqual(left_over(), {})
        self.assertEqual(SERVER.client.exists("routed", "jobs.any"), 0)


class BothRun(unittest.TestCase):
    """Steps of one canvas on either side."""

    @classmethod
    def setUpClass(cls):
        SERVER.client.flushall()
        cls.worker = PythonWorker()

    @classmethod
    def tearDownClass(cls):
        cls.worker.end()

    def tearDown(self):
        self.assertTrue(becomes(lambda: not left_over()), left_over())

    def test_a_chain_goes_from_one_to_the_other_and_back(self):
        with SeendrWorker(queue="seendr") as worker:
            steps = chain(
                sig("py.add", 1, 2, queue="celery"),
                sig("probe.add", 10, queue="seendr"),
                sig("py.add", 100, queue="celery"),
            )
            self.assertEqual(steps.delay().get(timeout=LIMIT), 113)
            worker.end()

    def test_a_chord_has_parts_on_both_sides(self):
        with SeendrWorker(queue="seendr") as worker:
            parts = [
                sig("py.add", 1, i, queue="celery")
                if i % 2
                else sig("probe.add", 1, i, queue="seendr")
                for i in range(8)
            ]
            numbers = list(range(1, 9))
            here = chord(parts)(sig("probe.sum", queue="seendr"))
            self.assertEqual(here.get(timeout=LIMIT), sum(numbers))
            there = chord(parts)(sig("py.echo", queue="celery"))
            self.assertEqual(there.get(timeout=LIMIT)["args"], [numbers])
            worker.end()

    def test_a_chord_fails_with_a_part_that_seendr_cannot_read(self):
        with SeendrWorker(queue="seendr") as worker:
            first = sig("py.nested", 40, queue="celery")
            last = sig("probe.sleep", 1, queue="seendr")
            result = chord([first, last])(sig("probe.echo", queue="seendr"))
            nested, slept = result.get(timeout=LIMIT)["args"][0]
            self.assertEqual(nested, json.loads("[" * 40 + "]" * 40))
            self.assertEqual(slept, 1)
            first = sig("py.nan", queue="celery")
            result = chord([first, last])(sig("probe.echo", queue="seendr"))
            with self.assertRaisesRegex(ChordError, "Join error"):
                app.AsyncResult(result.id).get(timeout=LIMIT)
            worker.end()


if __name__ == "__main__":
    unittest.main()
