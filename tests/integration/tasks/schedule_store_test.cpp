#include "tasks/schedule_store.hpp"

#include "support/redis_test.hpp"

namespace seendr::tasks {
namespace {

constexpr Millis kLease{3000};

class ScheduleStoreTest : public test::RedisTest {
 protected:
  ScheduleStore store() {
    ScheduleStoreOptions options;
    options.clock = &env_.clock;
    options.queue_limit = 3;
    return ScheduleStore(env(), redis(), options);
  }

  awaitable<std::int64_t> waiting() {
    const redis::Command length("LLEN", "mail");
    const redis::Reply reply = co_await redis().exec(length);
    co_return reply.as_int();
  }
};

TEST_F(ScheduleStoreTest, OneIsElectedUntilItsLeaseEnds) {
  run([this]() -> awaitable<void> {
    ScheduleStore ada = store();
    ScheduleStore bob = store();

    const Term first = co_await ada.elect(kLease);
    EXPECT_EQ(first.token, 1);
    EXPECT_EQ(first.now.time_since_epoch().count(), env_.clock.wall_ms());
    EXPECT_EQ(first.left, kLease);

    env_.clock.advance(Millis(2000));
    const Term refused = co_await bob.elect(kLease);
    EXPECT_EQ(refused.token, 0);
    EXPECT_EQ(refused.left, Millis(1000));

    const Term renewed = co_await ada.elect(kLease);
    EXPECT_EQ(renewed.token, 1);
    env_.clock.advance(Millis(2999));
    const Term still = co_await bob.elect(kLease);
    EXPECT_EQ(still.token, 0);

    env_.clock.advance(Millis(1));
    const Term second = co_await bob.elect(kLease);
    const Term late = co_await ada.elect(kLease);
    EXPECT_EQ(second.token, 2);
    EXPECT_EQ(late.token, 0);
  });
}

TEST_F(ScheduleStoreTest, GoesByTheClockOfRedisUnlessATestHasOne) {
  run([this]() -> awaitable<void> {
    ScheduleStore store(env(), redis(), {});
    const Term term = co_await store.elect(kLease);
    const Millis apart(term.now.time_since_epoch().count() - env().clock.wall_ms());
    EXPECT_LT(std::chrono::abs(apart), Millis(60'000));
    EXPECT_NE(apart, Millis(env_.clock.wall_ms()));
  });
}

TEST_F(ScheduleStoreTest, AfterAResignationAnotherOneIsElectedAtOnce) {
  run([this]() -> awaitable<void> {
    ScheduleStore ada = store();
    ScheduleStore bob = store();
    co_await ada.elect(kLease);

    co_await bob.resign();  // It has nothing to give up.
    const Term refused = co_await bob.elect(kLease);
    co_await ada.resign();
    const Term next = co_await bob.elect(kLease);

    EXPECT_EQ(refused.token, 0);
    EXPECT_EQ(next.token, 2);
  });
}

TEST_F(ScheduleStoreTest, SettlesAnEntryAndEnqueuesInOneStep) {
  run([this]() -> awaitable<void> {
    ScheduleStore ada = store();
    const Term term = co_await ada.elect(kLease);

    const Settling settling{"tidy", "", "1000", "mail", {"one", "two"}};
    const Settled settled = co_await ada.settle(term.token, settling);
    const std::map<std::string, std::string> stored = co_await ada.settled();
    const redis::Command pop("RPOP", "mail");
    const redis::Reply first = co_await redis().exec(pop);

    EXPECT_EQ(settled, Settled::done);
    EXPECT_EQ(stored, (std::map<std::string, std::string>{{"tidy", "1000"}}));
    EXPECT_EQ(first.text(), "one");  // As workers take them: from the right.
  });
}

TEST_F(ScheduleStoreTest, WhatIsSettledIsNotSettledAgain) {
  run([this]() -> awaitable<void> {
    ScheduleStore ada = store();
    const Term term = co_await ada.elect(kLease);
    const Settling first{"tidy", "", "1000", "mail", {"one"}};
    const Settling second{"tidy", "1000", "2000", "mail", {"two"}};
    co_await ada.settle(term.token, first);
    co_await ada.settle(term.token, second);

    const Settled first_again = co_await ada.settle(term.token, first);
    const Settled second_again = co_await ada.settle(term.token, second);
    const std::int64_t count = co_await waiting();

    EXPECT_EQ(first_again, Settled::stale);
    EXPECT_EQ(second_again, Settled::stale);
    EXPECT_EQ(count, 2);
  });
}

TEST_F(ScheduleStoreTest, WhoIsNotElectedAnyMoreEnqueuesNothing) {
  run([this]() -> awaitable<void> {
    ScheduleStore ada = store();
    ScheduleStore bob = store();
    const Term slow = co_await ada.elect(kLease);
    env_.clock.advance(kLease);
    co_await bob.elect(kLease);

    const Settling settling{"tidy", "", "1000", "mail", {"one"}};
    const Settled settled = co_await ada.settle(slow.token, settling);
    const std::int64_t count = co_await waiting();
    const std::map<std::string, std::string> stored = co_await bob.settled();

    EXPECT_EQ(settled, Settled::stale);
    EXPECT_EQ(count, 0);
    EXPECT_TRUE(stored.empty());
  });
}

TEST_F(ScheduleStoreTest, AFullQueueChangesNothing) {
  run([this]() -> awaitable<void> {
    ScheduleStore ada = store();
    const Term term = co_await ada.elect(kLease);
    const Settling fits{"tidy", "", "1000", "mail", {"one", "two"}};
    const Settling does_not{"tidy", "1000", "2000", "mail", {"three", "four"}};
    const Settling without{"tidy", "1000", "3000", "mail"};

    const Settled first = co_await ada.settle(term.token, fits);
    const Settled full = co_await ada.settle(term.token, does_not);
    const Settled nothing = co_await ada.settle(term.token, without);
    const std::int64_t count = co_await waiting();

    EXPECT_EQ(first, Settled::done);
    EXPECT_EQ(full, Settled::full);
    EXPECT_EQ(nothing, Settled::done);
    EXPECT_EQ(count, 2);
  });
}

TEST_F(ScheduleStoreTest, OnlyTheElectedOneForgets) {
  run([this]() -> awaitable<void> {
    ScheduleStore ada = store();
    const Term term = co_await ada.elect(kLease);
    const Settling tidy{"tidy", "", "1000", "mail"};
    const Settling digest{"digest", "", "1000", "mail"};
    co_await ada.settle(term.token, tidy);
    co_await ada.settle(term.token, digest);

    std::vector<std::string> both = {"tidy", "digest"};
    co_await ada.forget(term.token + 1, std::move(both));
    const std::map<std::string, std::string> before = co_await ada.settled();
    std::vector<std::string> one = {"tidy", "nobody"};
    co_await ada.forget(term.token, std::move(one));
    const std::map<std::string, std::string> after = co_await ada.settled();

    EXPECT_EQ(before.size(), 2U);
    EXPECT_EQ(after, (std::map<std::string, std::string>{{"digest", "1000"}}));
  });
}

}  // namespace
}  // namespace seendr::tasks
