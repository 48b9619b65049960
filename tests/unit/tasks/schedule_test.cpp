// Which instants are due, from the first call on and after any pause.
#include "tasks/schedule.hpp"

#include <set>

#include <gtest/gtest.h>

namespace seendr::tasks {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Instant kNewYear{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};

Entry entry_of(std::variant<Interval, Calendar> when) {
  return Entry{.name = "tidy", .task = "app.tidy", .when = std::move(when)};
}

Entry every(seconds time) {
  return entry_of(Interval{time});
}

Entry crontab(std::string_view text) {
  return entry_of(Calendar{Crontab::parse(text).value()});
}

using Instants = std::vector<Instant>;

TEST(Schedule, IntervalsAreMultiplesSince1970) {
  const Entry entry = every(seconds(90));
  EXPECT_EQ(next_after(entry, kNewYear), kNewYear + seconds(90));
  EXPECT_EQ(next_after(entry, kNewYear - Millis(1)), kNewYear);
  EXPECT_EQ(next_after(entry, kNewYear + seconds(89)), kNewYear + seconds(90));
  EXPECT_EQ(last_until(entry, kNewYear + seconds(89)), kNewYear);
  EXPECT_EQ(last_until(entry, kNewYear), kNewYear);
}

TEST(Schedule, NothingIsDueBeforeTheNextInstant) {
  const Entry entry = crontab("0 * * * *");
  const Due early = due(entry, kNewYear, kNewYear + hours(1) - Millis(1));
  EXPECT_TRUE(early.instants.empty());
  EXPECT_FALSE(early.missed);
  EXPECT_EQ(early.settled, kNewYear);
  EXPECT_EQ(early.next, kNewYear + hours(1));

  const Due now = due(entry, kNewYear, kNewYear + hours(1));
  EXPECT_EQ(now.instants, Instants{kNewYear + hours(1)});
  EXPECT_EQ(now.settled, kNewYear + hours(1));
  EXPECT_EQ(now.next, kNewYear + hours(2));
}

TEST(Schedule, EveryInstantThatIsLateByUpToHalfAMinuteRuns) {
  const Due ten = due(every(seconds(3)), kNewYear, kNewYear + seconds(30));
  ASSERT_EQ(ten.instants.size(), 10U);
  EXPECT_EQ(ten.instants.front(), kNewYear + seconds(3));
  EXPECT_EQ(ten.settled, kNewYear + seconds(30));

  const Due on_time = due(crontab("0 * * * *"), kNewYear, kNewYear + hours(1) + kOnTime);
  EXPECT_EQ(on_time.instants, Instants{kNewYear + hours(1)});
  EXPECT_FALSE(on_time.missed);
}

TEST(Schedule, MissedInstantsAreSkipped) {
  const Due late = due(crontab("0 * * * *"), kNewYear, kNewYear + hours(5) + minutes(10));
  EXPECT_TRUE(late.instants.empty());
  EXPECT_TRUE(late.missed);
  EXPECT_EQ(late.settled, kNewYear + hours(5));
  EXPECT_EQ(late.next, kNewYear + hours(6));

  const Due by_a_little =
      due(crontab("0 * * * *"), kNewYear, kNewYear + hours(1) + kOnTime + Millis(1));
  EXPECT_TRUE(by_a_little.instants.empty());
  EXPECT_TRUE(by_a_little.missed);
}

TEST(Schedule, OrTheLastOfThemRuns) {
  Entry entry = crontab("0 * * * *");
  entry.missed = Missed::run_once;
  const Due late = due(entry, kNewYear, kNewYear + hours(5) + minutes(10));
  EXPECT_EQ(late.instants, Instants{kNewYear + hours(5)});
  EXPECT_TRUE(late.missed);
  EXPECT_EQ(late.settled, kNewYear + hours(5));

  const Due again = due(entry, late.settled, kNewYear + hours(5) + minutes(10));
  EXPECT_TRUE(again.instants.empty());
  EXPECT_FALSE(again.missed);
}

TEST(Schedule, ARunThatIsOnTimeStandsForThoseThatWereMissed) {
  Entry entry = crontab("* * * * *");
  entry.missed = Missed::run_once;
  const Due late = due(entry, kNewYear, kNewYear + minutes(10) + seconds(5));
  EXPECT_EQ(late.instants, Instants{kNewYear + minutes(10)});
  EXPECT_TRUE(late.missed);
  EXPECT_EQ(late.settled, kNewYear + minutes(10));
}

TEST(Schedule, WhatIsSettledIsNotDueAgainWhenTheClockIsSetBack) {
  const Entry entry = every(seconds(1));
  const Due back = due(entry, kNewYear + hours(1), kNewYear);
  EXPECT_TRUE(back.instants.empty());
  EXPECT_EQ(back.settled, kNewYear + hours(1));
  EXPECT_EQ(back.next, kNewYear + hours(1) + seconds(1));
}

TEST(Schedule, YearsOfAbsenceAreSettledAtOnce) {
  const auto start = std::chrono::steady_clock::now();
  Entry entry = every(seconds(1));
  entry.jitter = hours(24);
  entry.missed = Missed::run_once;
  const Due late = due(entry, kNewYear - hours(24 * 3660), kNewYear);
  EXPECT_LE(late.instants.size(), 31U);
  EXPECT_GE(late.settled, kNewYear - kOnTime);
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(1));
}

TEST(Schedule, JitterIsTheSameForEverybodyAndEndsBeforeTheNextInstant) {
  Entry entry = crontab("0 0 * * *");
  entry.jitter = minutes(10);
  std::set<Millis> delays;
  Instant instant = kNewYear;
  for (int i = 0; i < 100; ++i, instant = next_after(entry, instant)) {
    const Millis delay = run_time(entry, instant) - instant;
    EXPECT_GE(delay, Millis(0));
    EXPECT_LT(delay, minutes(10));
    EXPECT_EQ(run_time(Entry(entry), instant) - instant, delay);
    delays.insert(delay);
  }
  EXPECT_GT(delays.size(), 90U);
  EXPECT_LT(*delays.begin(), minutes(2));
  EXPECT_GT(*delays.rbegin(), minutes(8));

  Entry often = every(seconds(2));
  often.jitter = hours(1);
  instant = kNewYear;
  for (int i = 0; i < 100; ++i, instant += seconds(2)) {
    EXPECT_LT(run_time(often, instant), instant + seconds(2));
  }
}

TEST(Schedule, AnInstantIsDueWhenItsJitterIsOver) {
  Entry entry = crontab("0 0 * * *");
  entry.jitter = minutes(10);
  const Instant midnight = kNewYear + hours(24);
  const Instant begins = run_time(entry, midnight);
  ASSERT_GT(begins, midnight);

  EXPECT_TRUE(due(entry, kNewYear, begins - Millis(1)).instants.empty());
  EXPECT_EQ(due(entry, kNewYear, begins - Millis(1)).next, begins);
  EXPECT_EQ(due(entry, kNewYear, begins).instants, Instants{midnight});
  EXPECT_EQ(due(entry, kNewYear, begins + kOnTime).instants, Instants{midnight});
  EXPECT_TRUE(due(entry, kNewYear, begins + kOnTime + Millis(1)).missed);
}

TEST(Schedule, SaysWhatIsWrongWithAnEntry) {
  const auto problem = [](auto change) {
    Entry entry = every(seconds(60));
    change(entry);
    return problem_of({entry}).value_or("");
  };
  EXPECT_EQ(problem([](Entry&) {}), "");
  EXPECT_EQ(problem([](Entry& e) { e.name = ""; }),
            "The schedule's entry \"\": its name has 1 to 200 characters");
  EXPECT_EQ(problem([](Entry& e) { e.task = ""; }),
            "The schedule's entry \"tidy\": it names no task");
  EXPECT_EQ(problem([](Entry& e) { e.queue = "a\nb"; }),
            "The schedule's entry \"tidy\": its queue has no name");
  EXPECT_EQ(problem([](Entry& e) { e.when = Interval{seconds(0)}; }),
            "The schedule's entry \"tidy\": its interval is 1 s to 366 days");
  EXPECT_EQ(problem([](Entry& e) { e.when = Interval{hours(367 * 24)}; }),
            "The schedule's entry \"tidy\": its interval is 1 s to 366 days");
  EXPECT_EQ(problem([](Entry& e) { e.jitter = hours(25); }),
            "The schedule's entry \"tidy\": its jitter is 0 to 24 h");
  EXPECT_EQ(problem_of({every(seconds(60)), every(seconds(70))}),
            "The schedule's entry \"tidy\": there are two of that name");
  EXPECT_EQ(problem_of(std::vector<Entry>(1001, every(seconds(60)))),
            "The schedule has more than 1000 entries");
}

// Some die before their work is written down and others go on within half a minute.
TEST(Schedule, AHundredInstantsRunAHundredTimesWhoeverDies) {
  SeededRandom random(11);
  for (int round = 0; round < 100; ++round) {
    Entry entry = random.below(3) == 0
                      ? crontab("*/" + std::to_string(1 + random.below(20)) + " * * * *")
                      : every(seconds(1 + random.below(90)));
    entry.jitter = seconds(random.below(2) * random.below(120));
    Instant settled = kNewYear;
    Instants ran;
    Instant now = kNewYear;
    int deaths = 0;
    while (ran.size() < 100) {
      now += Millis(1 + random.below(5000));
      const Due found = due(entry, settled, now);
      if (deaths < 4 && random.below(3) == 0) {  // Before anything is written down.
        ++deaths;
        continue;
      }
      deaths = 0;
      ran.insert(ran.end(), found.instants.begin(), found.instants.end());
      settled = found.settled;
      ASSERT_FALSE(found.missed);
      for (const Instant instant : found.instants) ASSERT_LE(run_time(entry, instant), now);
      now = std::max(now, found.next - seconds(random.below(20)));  // Nothing happens before.
    }
    Instant expected = kNewYear;
    for (const Instant instant : ran) {
      expected = next_after(entry, expected);
      ASSERT_EQ(instant, expected) << round;
    }
  }
}

}  // namespace
}  // namespace seendr::tasks
