// The scripts: what is claimed is held under a lease, and only its holder settles it.
#include "tasks/queues.hpp"

#include "task_host.hpp"

namespace seendr::tasks {
namespace {

class QueuesTest : public TasksTest {
 protected:
  QueuesTest() : queues(env(), redis(), short_lease()), other(env(), redis(), short_lease()) {}

  static QueuesOptions short_lease() {
    QueuesOptions options;
    options.lease = 50ms;
    return options;
  }

  static std::vector<Source> from(std::string queue, std::size_t room = 100) {
    return std::vector<Source>(1, Source{std::move(queue), room});
  }

  awaitable<void> push(std::string list, std::string item) { co_await number("LPUSH", list, item); }

  awaitable<Delivery> claim_one(Queues& by) {
    const std::vector<Source> sources = from("q");
    Claim claim = co_await by.claim(sources, 1);
    EXPECT_EQ(claim.deliveries.size(), 1U);
    co_return claim.deliveries.empty() ? Delivery() : claim.deliveries.front();
  }

  // What is found once the leases have ended.
  awaitable<std::vector<Delivery>> swept_by(Queues& by) {
    for (int i = 0; i < 500; ++i) {
      std::vector<Delivery> found = co_await by.sweep();
      if (!found.empty()) co_return found;
      co_await sleep_for(2ms);
    }
    co_return std::vector<Delivery>();
  }

  awaitable<std::int64_t> now_ms() {
    const redis::Command time("TIME");
    const redis::Reply reply = co_await redis().exec(time);
    co_return reply.as_array()[0].as_int() * 1000 + reply.as_array()[1].as_int() / 1000;
  }

  awaitable<Renewal> renewed(Queues& by, std::string delivery, std::string id) {
    std::vector<std::string> deliveries(1, std::move(delivery));
    std::vector<std::string> ids(1, std::move(id));
    const std::vector<Renewal> answers = co_await by.renew(std::move(deliveries), std::move(ids));
    co_return answers.at(0);
  }

  static Settlement with(Fate fate, std::string envelope = "") {
    Settlement settlement;
    settlement.fate = fate;
    settlement.envelope = std::move(envelope);
    settlement.reason = "{}";
    settlement.task_id = "i";
    return settlement;
  }

  Queues queues;
  Queues other;
};

TEST_F(QueuesTest, AClaimTakesByStepThenByQueueThenByAge) {
  run([&]() -> awaitable<void> {
    co_await push("b", "b0");
    co_await push(list_key("a", 1), "a3");
    co_await push(list_key("b", 3), "b9");
    co_await push("a", "a0 first");
    co_await push("a", "a0 second");
    std::vector<Source> sources = from("a");
    sources.push_back(Source{"b", 100});
    const Claim claim = co_await queues.claim(sources, 100);

    std::vector<std::string> taken;
    for (const Delivery& one : claim.deliveries) taken.push_back(one.envelope);
    EXPECT_THAT(taken, ::testing::ElementsAre("a0 first", "a0 second", "b0", "a3", "b9"));
    EXPECT_EQ(claim.deliveries.at(3).list, list_key("a", 1));
    const std::int64_t now = co_await now_ms();
    EXPECT_LT(claim.time, Time(Millis(now + 1)));
    EXPECT_GT(claim.time, Time(Millis(now - 5000)));
    EXPECT_FALSE(claim.next_timer_ms);
  });
}

TEST_F(QueuesTest, AClaimTakesNoMoreThanThereIsRoomFor) {
  run([&]() -> awaitable<void> {
    for (int i = 0; i < 5; ++i) {
      co_await push("a", "a");
      co_await push("b", "b");
    }
    std::vector<Source> sources = from("a", 2);
    sources.push_back(Source{"b", 0});
    const Claim first = co_await queues.claim(sources, 100);
    const Claim second = co_await queues.claim(sources, 1);

    EXPECT_EQ(first.deliveries.size(), 2U);
    EXPECT_EQ(second.deliveries.size(), 1U);
    const std::int64_t left = co_await number("LLEN", "b");
    EXPECT_EQ(left, 5);
  });
}

TEST_F(QueuesTest, WhatIsSettledIsGone) {
  run([&]() -> awaitable<void> {
    co_await push("q", "x");
    const Delivery held = co_await claim_one(queues);
    const std::int64_t holding = co_await number("HLEN", std::string_view(kHeldKey));
    const Settlement ack = with(Fate::ack);
    const Verdict first = co_await queues.settle(held, ack);
    const Verdict second = co_await queues.settle(held, ack);

    EXPECT_EQ(holding, 1);
    EXPECT_EQ(first, Verdict::counts);
    EXPECT_EQ(second, Verdict::gone);
    co_await expect_empty("q");
  });
}

TEST_F(QueuesTest, ALeaseThatIsRenewedDoesNotEnd) {
  run([&]() -> awaitable<void> {
    co_await push("q", "x");
    const Delivery held = co_await claim_one(queues);
    for (int i = 0; i < 20; ++i) {
      const Renewal renewal = co_await renewed(queues, held.name, "i");
      EXPECT_EQ(renewal, Renewal::renewed);
      const std::vector<Delivery> found = co_await other.sweep();
      EXPECT_TRUE(found.empty());
      co_await sleep_for(5ms);
    }
  });
}

TEST_F(QueuesTest, WhoLostItsLeaseCanNeitherRenewNorSettleNorReport) {
  run([&]() -> awaitable<void> {
    co_await push("q", "x");
    const Delivery held = co_await claim_one(queues);
    const std::vector<Delivery> found = co_await swept_by(other);
    const Renewal renewal = co_await renewed(queues, held.name, "i");
    Settlement success = with(Fate::ack);
    success.result = "late";
    const Verdict verdict = co_await queues.settle(held, success);
    const Settlement in_time = with(Fate::ack);
    co_await other.settle(found.at(0), in_time);
    const Verdict later = co_await queues.settle(held, success);
    const bool reported = co_await queues.report(held.name, "i", "later");
    const std::string stored = co_await text("GET", result_key("i"));

    EXPECT_EQ(found.size(), 1U);
    EXPECT_EQ(found.at(0).envelope, "x");
    EXPECT_EQ(found.at(0).list, "q");
    EXPECT_EQ(renewal, Renewal::lost);
    EXPECT_EQ(verdict, Verdict::taken);
    EXPECT_EQ(later, Verdict::taken);
    EXPECT_FALSE(reported);
    EXPECT_EQ(stored, "");
  });
}

TEST_F(QueuesTest, ThatADeliveryWasTakenOverIsKnownForAnHour) {
  run([&]() -> awaitable<void> {
    co_await number("ZADD", std::string_view(kTakenKey), 1, "long.ago");
    co_await push("q", "x");
    const Delivery held = co_await claim_one(queues);
    co_await swept_by(other);

    const std::int64_t known = co_await number("ZCARD", std::string_view(kTakenKey));
    const std::string when = co_await text("ZSCORE", std::string_view(kTakenKey), held.name);
    const std::int64_t life = co_await number("PTTL", std::string_view(kTakenKey));
    EXPECT_EQ(known, 1);
    EXPECT_NE(when, "");
    EXPECT_GT(life, 3'590'000);
    EXPECT_LE(life, 3'600'000);
  });
}

TEST_F(QueuesTest, WhatWasTakenOverIsTakenOverAgainWhenThatWorkerDies) {
  run([&]() -> awaitable<void> {
    co_await push("q", "x");
    co_await claim_one(queues);
    const std::vector<Delivery> first = co_await swept_by(other);
    const std::vector<Delivery> second = co_await swept_by(queues);
    const Settlement back = with(Fate::back, "x again");
    const Verdict late = co_await other.settle(first.at(0), back);
    const Verdict in_time = co_await queues.settle(second.at(0), back);

    EXPECT_EQ(late, Verdict::taken);
    EXPECT_EQ(in_time, Verdict::counts);
    const std::string head = co_await text("RPOP", "q");
    EXPECT_EQ(head, "x again");
    co_await expect_empty("q");
  });
}

TEST_F(QueuesTest, WhatGoesBackIsServedNext) {
  run([&]() -> awaitable<void> {
    co_await push("q", "first");
    co_await push("q", "second");
    const Delivery held = co_await claim_one(queues);
    const Settlement back = with(Fate::back, "first again");
    co_await queues.settle(held, back);

    const Delivery next = co_await claim_one(queues);
    EXPECT_EQ(next.envelope, "first again");
  });
}

TEST_F(QueuesTest, ATimerIsMovedOnceItIsDue) {
  run([&]() -> awaitable<void> {
    co_await push("q", "x");
    const Delivery held = co_await claim_one(queues);
    const std::int64_t now = co_await now_ms();
    Settlement later = with(Fate::later, "x later");
    later.due_ms = now + 60;
    co_await queues.settle(held, later);
    const std::vector<Source> sources = from("q");
    const Claim early = co_await queues.claim(sources, 1);
    std::size_t moved = 0;
    while (moved == 0) {
      moved = co_await queues.promote();
    }
    const std::int64_t then = co_await now_ms();
    const Delivery due = co_await claim_one(queues);

    EXPECT_TRUE(early.deliveries.empty());
    EXPECT_EQ(early.next_timer_ms, later.due_ms);
    EXPECT_GE(then, later.due_ms);
    EXPECT_EQ(due.envelope, "x later");
  });
}

TEST_F(QueuesTest, DeadLettersAreBounded) {
  run([&]() -> awaitable<void> {
    QueuesOptions few;
    few.max_dead = 3;
    Queues burying(env(), redis(), few);
    for (int i = 0; i < 5; ++i) {
      co_await push("q", "x");
      const Delivery held = co_await claim_one(burying);
      const Settlement bury = with(Fate::bury, std::to_string(i));
      co_await burying.settle(held, bury);
    }

    const std::int64_t letters = co_await number("HLEN", std::string_view(kBuriedKey));
    const std::int64_t index = co_await number("ZCARD", std::string_view(kDeadKey));
    EXPECT_EQ(letters, 3);
    EXPECT_EQ(index, 3);
  });
}

TEST_F(QueuesTest, ASuccessIsNotOverwritten) {
  run([&]() -> awaitable<void> {
    const std::vector<std::string> results(
        {R"({"status": "RETRY"})", R"({"status":"SUCCESS","x":1})", R"({"status":"FAILURE"})"});
    for (const std::string& result : results) {
      co_await push("q", "x");
      const Delivery held = co_await claim_one(queues);
      Settlement settlement = with(Fate::ack);
      settlement.result = result;
      const Verdict verdict = co_await queues.settle(held, settlement);
      EXPECT_EQ(verdict, Verdict::counts);
    }
    const std::string stored = co_await text("GET", result_key("i"));
    EXPECT_EQ(stored, R"({"status":"SUCCESS","x":1})");
  });
}

TEST_F(QueuesTest, WhatFollowsIsEnqueuedWithTheSettlement) {
  run([&]() -> awaitable<void> {
    const std::vector<std::string> keys(
        {chord_key("g", ".j"), chord_key("g", ".t"), chord_key("g", ".s")});
    for (const std::string& key : keys) co_await number("SADD", key, "x");
    for (int i = 0; i < 2; ++i) {
      co_await push("q", "x");
      const Delivery held = co_await claim_one(queues);
      Settlement settlement = with(Fate::ack);
      settlement.next.push_back(Outgoing{"always", "a"});
      settlement.next.push_back(Outgoing{"once", "o", "g"});
      settlement.chords.emplace_back("g");
      co_await queues.settle(held, settlement);
      co_await queues.settle(held, settlement);  // As after a lost answer: counts once.
    }
    const std::int64_t always = co_await number("LLEN", "always");
    const std::int64_t once = co_await number("LLEN", "once");
    EXPECT_EQ(always, 2);
    EXPECT_EQ(once, 1);
    for (const std::string& key : keys) {
      const std::int64_t left = co_await number("EXISTS", key);
      EXPECT_EQ(left, 0) << key;
    }
  });
}

TEST_F(QueuesTest, MarksSayWhatIsRevokedAndWhatIsDone) {
  run([&]() -> awaitable<void> {
    co_await push("q", "x");
    const Delivery held = co_await claim_one(queues);
    Settlement done = with(Fate::ack);
    done.done_ttl = 5s;
    co_await queues.settle(held, done);
    std::vector<std::string> revoked(1, "r");
    co_await queues.revoke(std::move(revoked));
    std::vector<std::string> ids(1, "i");
    ids.emplace_back("r");
    const Queues::Marks marks = co_await queues.marks(ids);
    const std::vector<Source> sources = from("q");
    const Claim claim = co_await queues.claim(sources, 1);

    EXPECT_THAT(marks.done, ::testing::ElementsAre(true, false));
    EXPECT_THAT(marks.revoked, ::testing::ElementsAre(false, true));
    EXPECT_TRUE(claim.any_revoked);
    const std::int64_t left = co_await number("PTTL", done_key("i"));
    EXPECT_GT(left, 4000);
    EXPECT_LE(left, 5000);
  });
}

TEST_F(QueuesTest, ARevocationIsForgottenInTheEnd) {
  run([&]() -> awaitable<void> {
    co_await number("ZADD", std::string_view(kRevokedKey), 1, "long ago");
    std::vector<std::string> revoked(1, "r");
    co_await queues.revoke(std::move(revoked));

    const std::int64_t known = co_await number("ZCARD", std::string_view(kRevokedKey));
    EXPECT_EQ(known, 1);
    const std::int64_t left = co_await number("PTTL", std::string_view(kRevokedKey));
    EXPECT_GT(left, 10'790'000);
    EXPECT_LE(left, 10'800'000);
  });
}

TEST_F(QueuesTest, ARevocationWhoseTimeHasPassedIsNone) {
  run([&]() -> awaitable<void> {
    co_await push("q", "x");
    co_await number("ZADD", std::string_view(kRevokedKey), 1, "i");
    const std::vector<Source> sources = from("q");
    const Claim claim = co_await queues.claim(sources, 1);
    const Renewal renewal = co_await renewed(queues, claim.deliveries.at(0).name, "i");
    const std::vector<std::string> ids(1, "i");
    const Queues::Marks marks = co_await queues.marks(ids);

    EXPECT_FALSE(claim.any_revoked);
    EXPECT_EQ(renewal, Renewal::renewed);
    EXPECT_THAT(marks.revoked, ::testing::ElementsAre(false));
  });
}

TEST_F(QueuesTest, LeasesAreTakenOverThoughRedisIsFull) {
  run([&]() -> awaitable<void> {
    co_await push("q", "x");
    co_await claim_one(queues);
    co_await text("CONFIG", "SET", "maxmemory-policy", "noeviction");
    co_await text("CONFIG", "SET", "maxmemory", "1");
    const std::vector<Delivery> found = co_await swept_by(other);
    co_await text("CONFIG", "SET", "maxmemory", "0");

    EXPECT_EQ(found.size(), 1U);
  });
}

TEST_F(QueuesTest, ALeaseIsRenewedThoughRedisIsFull) {
  run([&]() -> awaitable<void> {
    co_await push("q", "message");
    const Delivery held = co_await claim_one(queues);
    co_await text("CONFIG", "SET", "maxmemory-policy", "noeviction");
    co_await text("CONFIG", "SET", "maxmemory", "1");
    const Renewal answer = co_await renewed(queues, held.name, "i");
    co_await text("CONFIG", "SET", "maxmemory", "0");
    EXPECT_EQ(answer, Renewal::renewed);
  });
}

}  // namespace
}  // namespace seendr::tasks
