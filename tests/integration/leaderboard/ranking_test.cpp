#include "leaderboard/ranking.hpp"

#include <gtest/gtest.h>

#include "support/redis_test.hpp"

namespace seendr::leaderboard {
namespace {

std::string text_of(const std::vector<Place>& places) {
  std::string out;
  for (const Place& place : places) {
    const std::string score = std::to_string(place.score);
    out += std::to_string(place.rank) + " " + place.name + " " +
           score.substr(0, score.find('.') + 2) + "; ";
  }
  return out;
}

class RankingTest : public test::RedisTest {
 protected:
  awaitable<void> add(std::string key, std::string name, double score) {
    redis::Command command("ZINCRBY", key, score, name);
    co_await redis().exec(std::move(command));
  }

  awaitable<std::int64_t> number(redis::Command command) {
    const redis::Reply reply = co_await redis().exec(std::move(command));
    co_return reply.as_int();
  }

  static Sum sum_of(std::vector<Source> sources) {
    Sum sum;
    sum.key = "ranking";
    sum.life = Millis(60'000);
    sum.sources = std::move(sources);
    return sum;
  }
};

TEST_F(RankingTest, AddsUpWithWeightsAndRanksFromOne) {
  run([this]() -> awaitable<void> {
    Ranking ranking(env(), redis());
    co_await add("new", "go", 3);
    co_await add("new", "chess", 4);
    co_await add("old", "go", 4);
    co_await add("old", "hiking", 6);
    const Sum sum = sum_of({{"old", 0.5}, {"new", 1}});

    const std::vector<Place> all = co_await ranking.top(sum, 10);
    const std::vector<Place> two = co_await ranking.top(sum, 2);
    const std::vector<Place> none = co_await ranking.top(sum, 0);

    EXPECT_EQ(text_of(all), "1 go 5.0; 2 chess 4.0; 3 hiking 3.0; ");
    EXPECT_EQ(text_of(two), "1 go 5.0; 2 chess 4.0; ");
    EXPECT_EQ(text_of(none), "");
  });
}

TEST_F(RankingTest, EqualScoresGoByNameWhateverTheyAreMadeOf) {
  run([this]() -> awaitable<void> {
    Ranking ranking(env(), redis());
    for (const char* name : {"zebra", "Zebra", "ant", "\xC3\xA9lan", "bee"}) {
      co_await add("a", name, 2);
      co_await add("b", name, 1);
    }
    co_await add("b", "cat", 2);

    const Sum sum = sum_of({{"a", 0.5}, {"b", 1}});
    const std::vector<Place> places = co_await ranking.top(sum, 10);

    EXPECT_EQ(text_of(places),
              "1 Zebra 2.0; 2 ant 2.0; 3 bee 2.0; 4 cat 2.0; 5 zebra 2.0; 6 \xC3\xA9lan 2.0; ");
  });
}

TEST_F(RankingTest, ReadsAroundAName) {
  run([this]() -> awaitable<void> {
    Ranking ranking(env(), redis());
    for (int i = 1; i <= 9; ++i) co_await add("a", "n" + std::to_string(i), 10 - i);
    const Sum sum = sum_of({{"a", 1}});

    const std::vector<Place> middle = co_await ranking.around(sum, "n5", 1);
    const std::vector<Place> first = co_await ranking.around(sum, "n1", 2);
    const std::vector<Place> last = co_await ranking.around(sum, "n9", 2);
    const std::vector<Place> alone = co_await ranking.around(sum, "n4", 0);
    const std::vector<Place> absent = co_await ranking.around(sum, "n10", 2);

    EXPECT_EQ(text_of(middle), "4 n4 6.0; 5 n5 5.0; 6 n6 4.0; ");
    EXPECT_EQ(text_of(first), "1 n1 9.0; 2 n2 8.0; 3 n3 7.0; ");
    EXPECT_EQ(text_of(last), "7 n7 3.0; 8 n8 2.0; 9 n9 1.0; ");
    EXPECT_EQ(text_of(alone), "4 n4 6.0; ");
    EXPECT_TRUE(absent.empty());
  });
}

TEST_F(RankingTest, LeavesOutNamesWithoutTheirCrowdAndNoKeyBehind) {
  run([this]() -> awaitable<void> {
    Ranking ranking(env(), redis());
    co_await add("a", "loud", 100);
    co_await add("a", "liked", 5);
    co_await add("c1", "loud", 2);
    co_await add("c1", "liked", 2);
    co_await add("c2", "liked", 1);
    Sum sum = sum_of({{"a", 1}});
    sum.crowds = {"c1", "c2"};
    sum.least_crowd = 3;

    const std::vector<Place> places = co_await ranking.top(sum, 10);
    const std::vector<Place> loud = co_await ranking.around(sum, "loud", 1);
    const std::int64_t keys = co_await number(redis::Command("DBSIZE"));

    EXPECT_EQ(text_of(places), "1 liked 5.0; ");
    EXPECT_TRUE(loud.empty());
    EXPECT_EQ(keys, 4);  // The three sets and the ranking.
  });
}

TEST_F(RankingTest, IsMadeOnceAndKeptForItsLife) {
  run([this]() -> awaitable<void> {
    Ranking ranking(env(), redis());
    co_await add("a", "go", 1);
    const Sum sum = sum_of({{"a", 1}});
    co_await ranking.top(sum, 10);
    co_await add("a", "chess", 2);

    const std::vector<Place> places = co_await ranking.top(sum, 10);
    const std::int64_t ttl = co_await number(redis::Command("PTTL", "ranking"));

    EXPECT_EQ(text_of(places), "1 go 1.0; ");
    EXPECT_GT(ttl, 40'000);
    EXPECT_LE(ttl, 60'000);
  });
}

TEST_F(RankingTest, MakesItsPartsFirstAndUsesThoseThatAreThere) {
  run([this]() -> awaitable<void> {
    Ranking ranking(env(), redis());
    co_await add("a", "go", 1);
    co_await add("b", "go", 2);
    Sum part = sum_of({{"a", 1}, {"b", 1}});
    part.key = "part";
    Sum sum = sum_of({{"part", 1}});
    sum.parts.push_back(part);

    const std::vector<Place> made = co_await ranking.top(sum, 10);
    co_await number(redis::Command("DEL", "a", "b"));
    sum.key = "another ranking";
    const std::vector<Place> used = co_await ranking.top(sum, 10);
    const std::int64_t ttl = co_await number(redis::Command("PTTL", "part"));

    EXPECT_EQ(text_of(made), "1 go 3.0; ");
    EXPECT_EQ(text_of(used), "1 go 3.0; ");
    EXPECT_GT(ttl, 0);
  });
}

TEST_F(RankingTest, OfNothingIsEmpty) {
  run([this]() -> awaitable<void> {
    Ranking ranking(env(), redis());
    const Sum without_counts = sum_of({{"absent", 1}});
    const Sum without_sources = sum_of({});

    const std::vector<Place> first = co_await ranking.top(without_counts, 10);
    const std::vector<Place> second = co_await ranking.top(without_sources, 10);
    const std::vector<Place> third = co_await ranking.around(without_counts, "go", 3);

    EXPECT_TRUE(first.empty() && second.empty() && third.empty());
  });
}

TEST_F(RankingTest, ThrowsWhenRedisRefuses) {
  run([this]() -> awaitable<void> {
    Ranking ranking(env(), redis());
    const redis::Command spoil("SET", "a", "no set");
    co_await redis().exec(spoil);
    const Sum sum = sum_of({{"a", 1}});

    const error_code code = co_await test::failure_of(ranking.top(sum, 10));

    EXPECT_EQ(code, redis::Errc::server_error);
  });
}

}  // namespace
}  // namespace seendr::leaderboard
