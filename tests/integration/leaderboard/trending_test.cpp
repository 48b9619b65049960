#include "leaderboard/trending.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "match/keys.hpp"
#include "support/zone_file.hpp"

#include "integration/leaderboard/board_fixture.hpp"

namespace seendr::leaderboard {
namespace {

constexpr Period kPeriods[] = {Period::today, Period::hour, Period::day, Period::week};
constexpr Millis kDay = 24 * kHour;

class TrendingTest : public BoardTest {
 protected:
  static TrendingOptions at_once() {
    TrendingOptions options;
    options.fresh = Millis(1);
    return options;
  }

  // As the claim's script counts a match.
  awaitable<void> match(std::string slug, std::int64_t times = 1, std::string shard = "all") {
    const std::string key = matched_key(shard, now() / kHour.count());
    redis::Command count("ZINCRBY", key, times, slug);
    co_await redis().exec(std::move(count));
    pass(Millis(1));
  }

  awaitable<std::string> shown(Trending& trending, Period period) {
    const std::vector<Place> places = co_await trending.top(period, 100);
    expect_in_order(places);
    std::string out;
    for (const Place& place : places) {
      const std::int64_t hundredths = std::lround(place.score * 100);
      out += place.name + " " + std::to_string(hundredths) + ", ";
    }
    co_return out;
  }
};

TEST_F(TrendingTest, ReadsTheKeysThatTheMatcherWrites) {
  EXPECT_EQ(matched_key("all", now() / kHour.count()), match::trending_key("all", "2026-01-01T00"));
}

TEST_F(TrendingTest, ShowsWhatBroughtPeopleTogetherInEveryPeriod) {
  run([this]() -> awaitable<void> {
    Trending trending(env_.manual(), redis(), at_once());
    co_await match("go", 2);
    co_await match("chess", 5);
    co_await match("hiking", 2);

    for (const Period period : kPeriods) {
      const std::string all = co_await shown(trending, period);
      const std::vector<Place> first = co_await trending.top(period, 1);
      const std::optional<Place> hiking = co_await trending.rank(period, "hiking");
      const std::optional<Place> absent = co_await trending.rank(period, "knitting");
      const std::vector<Place> around = co_await trending.around(period, "go", 1);

      EXPECT_EQ(all, "chess 500, go 200, hiking 200, ");
      EXPECT_EQ(first.size(), 1U);
      EXPECT_TRUE(hiking && hiking->rank == 3);
      EXPECT_FALSE(absent.has_value());
      EXPECT_EQ(around.size(), 3U);
    }
  });
}

TEST_F(TrendingTest, IsEmptyBeforeAnybodyMatched) {
  run([this]() -> awaitable<void> {
    Trending trending(env_.manual(), redis(), at_once());
    for (const Period period : kPeriods) {
      const std::string all = co_await shown(trending, period);
      EXPECT_EQ(all, "");
    }
  });
}

TEST_F(TrendingTest, AnHourFadesOutOverTheNextAndADayOverItsLastHour) {
  run([this]() -> awaitable<void> {
    Trending trending(env_.manual(), redis(), at_once());
    pass(kHour / 2);
    co_await match("go", 8);
    pass(kHour / 2 - Millis(1));  // An hour begins: all of the one before is in the window.
    const std::string begin = co_await shown(trending, Period::hour);
    pass(kHour / 4);
    const std::string quarter = co_await shown(trending, Period::hour);
    pass(kHour / 2 + kHour / 4);
    const std::string over = co_await shown(trending, Period::hour);
    pass(22 * kHour + kHour / 2);  // Half past midnight of the next day.
    const std::string day = co_await shown(trending, Period::day);
    const std::string week = co_await shown(trending, Period::week);
    const std::string today = co_await shown(trending, Period::today);

    EXPECT_EQ(begin, "go 800, ");
    EXPECT_EQ(quarter, "go 600, ");
    EXPECT_EQ(over, "");
    EXPECT_EQ(day, "go 400, ");
    EXPECT_EQ(week, "go 800, ");
    EXPECT_EQ(today, "");
  });
}

TEST_F(TrendingTest, TodayBeginsAtMidnightOfTheZone) {
  run([this]() -> awaitable<void> {
    const std::optional<TimeZone> india =
        TimeZone::parse(test::ZoneFile(19'800, {}, "IST-5:30").bytes());
    TrendingOptions options = at_once();
    options.zone = india.value();
    Trending trending(env_.manual(), redis(), options);
    pass(17 * kHour);  // 22:30 there.
    co_await match("late", 3);
    pass(kHour);
    co_await match("midnight", 4);  // In the hour of UTC that the day begins in the middle of.
    pass(kHour);
    co_await match("early", 5);

    const std::string today = co_await shown(trending, Period::today);
    EXPECT_EQ(today, "early 500, midnight 200, ");
  });
}

TEST_F(TrendingTest, AddsUpTheShards) {
  run([this]() -> awaitable<void> {
    TrendingOptions options = at_once();
    options.shards = {"en", "fr"};
    Trending trending(env_.manual(), redis(), options);
    co_await match("go", 1, "en");
    co_await match("go", 2, "fr");
    co_await match("go", 4, "de");  // Not ours.

    const std::string all = co_await shown(trending, Period::week);
    EXPECT_EQ(all, "go 300, ");
  });
}

TEST_F(TrendingTest, ADayThatIsOverIsAddedUpOnce) {
  run([this]() -> awaitable<void> {
    Trending trending(env_.manual(), redis(), at_once());
    pass(3 * kHour);
    const std::string hour = matched_key("all", now() / kHour.count());
    const std::string day = day_sum_key("all", now() / kDay.count() * 24);
    co_await match("go", 8);
    pass(21 * kHour + Millis(300'000));
    const std::string unsettled = co_await shown(trending, Period::week);
    const std::int64_t no_ttl = co_await ttl_of(day);
    pass(Millis(300'000));
    const std::string settled = co_await shown(trending, Period::week);
    const std::int64_t ttl = co_await ttl_of(day);

    const redis::Command forget("DEL", hour);
    co_await redis().exec(forget);
    pass(kHour);
    const std::string kept = co_await shown(trending, Period::week);

    EXPECT_EQ(unsettled, "go 800, ");
    EXPECT_EQ(no_ttl, -2);  // Late counts may still come.
    EXPECT_EQ(settled, "go 800, ");
    EXPECT_GT(ttl, 0);
    EXPECT_EQ(kept, "go 800, ");
  });
}

TEST_F(TrendingTest, EveryKeyItMakesExpires) {
  run([this]() -> awaitable<void> {
    Trending trending(env_.manual(), redis(), at_once());
    for (int day = 0; day < 3; ++day) {
      co_await match("go");
      pass(kDay);
    }
    for (const Period period : kPeriods) co_await trending.top(period, 10);

    const std::vector<std::string> found = co_await keys();
    for (const std::string& key : found) {
      if (key.find("seendr:leaderboard:") != 0) continue;
      const std::int64_t ttl = co_await ttl_of(key);
      EXPECT_GT(ttl, 0) << key;
    }
  });
}

// Against a reference that keeps every match: off by no more than what the oldest hour holds.
TEST_F(TrendingTest, AgreesWithAReferenceThatKeepsEveryMatch) {
  run([this]() -> awaitable<void> {
    SeededRandom random(51);
    Trending trending(env_.manual(), redis(), at_once());
    std::vector<Event> events;
    for (int step = 0; step < 700; ++step) {
      const Vote matched{"n" + std::to_string(random.below(6)),
                         1 + static_cast<std::int64_t>(random.below(3)), ""};
      events.push_back(Event{now(), matched});
      co_await match(matched.name, matched.by);
      pass(Millis(random.below(random.below(30) == 0 ? 40'000'000 : 3'000'000)));
      if (step % 5 != 0) continue;

      const std::size_t which = random.below(4);
      constexpr Millis kLengths[] = {Millis(0), kHour, kDay, 7 * kDay};
      const std::int64_t midnight = now() / kDay.count() * kDay.count();
      const std::int64_t start = which == 0 ? midnight : now() - kLengths[which].count();
      const std::vector<Place> places = co_await trending.top(kPeriods[which], 100);
      expect_in_order(places);
      std::map<std::string, double> got;
      for (const Place& place : places) got[place.name] = place.score;

      const std::int64_t oldest = start / kHour.count() * kHour.count();
      const std::int64_t next = oldest + kHour.count();
      const auto young = counted_between(events, next - 1, now());
      const auto old = counted_between(events, oldest - 1, next - 1);
      const double share = static_cast<double>(next - start) / static_cast<double>(kHour.count());
      for (int i = 0; i < 6; ++i) {
        const std::string name = "n" + std::to_string(i);
        EXPECT_NEAR(at(got, name), at(young, name) + at(old, name) * share, 1e-3) << step;
      }
      if (HasFailure()) co_return;
    }
  });
}

}  // namespace
}  // namespace seendr::leaderboard
