#include "leaderboard/board.hpp"

#include <gtest/gtest.h>

#include "integration/leaderboard/board_fixture.hpp"

namespace seendr::leaderboard {
namespace {

constexpr Window kAll[] = {Window::hour, Window::day, Window::week};

TEST_F(BoardTest, CountsInEveryWindowAndRanksFromOne) {
  run([this]() -> awaitable<void> {
    Board board(env_.manual(), redis(), options());
    co_await vote(board, "go");
    co_await vote(board, "chess", "", 3);
    co_await vote(board, "go");

    for (const Window window : kAll) {
      const std::string all = co_await top(board, window);
      const Scope everybody;
      const std::optional<Place> go = co_await board.rank(everybody, window, "go");
      const std::optional<Place> absent = co_await board.rank(everybody, window, "hiking");

      EXPECT_EQ(all, "chess 3, go 2, ");
      EXPECT_TRUE(go && go->rank == 2);
      EXPECT_FALSE(absent.has_value());
    }
  });
}

TEST_F(BoardTest, WindowsEndOneAfterTheOther) {
  run([this]() -> awaitable<void> {
    Board board(env_.manual(), redis(), options());
    co_await vote(board, "go");
    const std::string none;
    const std::string go = "go 1, ";

    pass(Millis(3'300'000));
    const std::string early = co_await top(board, Window::hour);
    pass(Millis(600'000));  // 65 minutes.
    const std::string hour = co_await top(board, Window::hour);
    const std::string in_day = co_await top(board, Window::day);
    pass(24 * kHour);
    const std::string day = co_await top(board, Window::day);
    const std::string in_week = co_await top(board, Window::week);
    pass(6 * 24 * kHour + 6 * kHour);
    const std::string week = co_await top(board, Window::week);

    EXPECT_EQ(early, go);
    EXPECT_EQ(hour, none);
    EXPECT_EQ(in_day, go);
    EXPECT_EQ(day, none);
    EXPECT_EQ(in_week, go);
    EXPECT_EQ(week, none);
  });
}

TEST_F(BoardTest, BoardsOfALanguageOrRegionCountForThemselves) {
  run([this]() -> awaitable<void> {
    Board board(env_.manual(), redis(), options());
    std::vector<Scope> scopes = {{}, {"en"}, {"en", "eu"}};
    const Vote go{"go", 1, ""};
    co_await board.increment(scopes, go);
    scopes = {{}, {"fr"}};
    const Vote chess{"chess", 1, ""};
    co_await board.increment(scopes, chess);
    pass(Millis(1));

    const Scope english = {"en"};
    const Scope english_in_europe = {"en", "eu"};
    const Scope english_in_asia = {"en", "as"};
    const std::string everybody = co_await top(board, Window::hour);
    const std::string en = co_await top(board, Window::hour, english);
    const std::string en_eu = co_await top(board, Window::hour, english_in_europe);
    const std::string en_as = co_await top(board, Window::hour, english_in_asia);

    EXPECT_EQ(everybody, "chess 1, go 1, ");
    EXPECT_EQ(en, "go 1, ");
    EXPECT_EQ(en_eu, "go 1, ");
    EXPECT_EQ(en_as, "");
  });
}

TEST_F(BoardTest, ReadsAroundAName) {
  run([this]() -> awaitable<void> {
    Board board(env_.manual(), redis(), options());
    for (int i = 1; i <= 5; ++i) co_await vote(board, "n" + std::to_string(i), "", 10 - i);

    const Scope everybody;
    const std::vector<Place> places = co_await board.around(everybody, Window::day, "n3", 1);

    EXPECT_EQ(places.size(), 3U);
    if (places.size() != 3) co_return;
    EXPECT_EQ(places[0].name, "n2");
    EXPECT_EQ(places[0].rank, 2);
    EXPECT_EQ(places[2].name, "n4");
  });
}

TEST_F(BoardTest, ARankingIsAsOldAsItMayBe) {
  run([this]() -> awaitable<void> {
    BoardOptions slow = options();
    slow.fresh = Millis(60'000);
    Board board(env_.manual(), redis(), slow);
    co_await vote(board, "go");
    const std::string first = co_await top(board, Window::hour);
    co_await vote(board, "chess");

    const std::string same = co_await top(board, Window::hour);
    pass(Millis(60'000));
    const std::string next = co_await top(board, Window::hour);

    EXPECT_EQ(first, "go 1, ");
    EXPECT_EQ(same, "go 1, ");
    EXPECT_EQ(next, "chess 1, go 1, ");
  });
}

TEST_F(BoardTest, EveryKeyExpiresByItself) {
  run([this]() -> awaitable<void> {
    BoardOptions all = options();
    all.once_per_voter = true;
    all.least_crowd = 2;
    Board board(env_.manual(), redis(), all);
    co_await vote(board, "go", "ada");
    co_await vote(board, "go", "bob");
    for (const Window window : kAll) co_await top(board, window);

    const std::vector<std::string> found = co_await keys();
    EXPECT_EQ(found.size(), 12U);  // Counts, crowd, votes and ranking of three windows.
    for (const std::string& key : found) {
      const std::int64_t ttl = co_await ttl_of(key);
      EXPECT_GT(ttl, 0) << key;
      EXPECT_LE(ttl, (7 * 24 * kHour + 12 * kHour).count()) << key;
    }
  });
}

TEST_F(BoardTest, KeepsTheGreatestCountsWhenASliceIsFull) {
  run([this]() -> awaitable<void> {
    BoardOptions small = options();
    small.max_names = 3;
    Board board(env_.manual(), redis(), small);
    co_await vote(board, "a", "", 5);
    co_await vote(board, "b", "", 4);
    co_await vote(board, "c", "", 3);
    co_await vote(board, "d", "", 1);

    const std::string first = co_await top(board, Window::hour);
    co_await vote(board, "e", "", 9);
    const std::string second = co_await top(board, Window::hour);

    EXPECT_EQ(first, "a 5, b 4, c 3, ");
    EXPECT_EQ(second, "e 9, a 5, b 4, ");
  });
}

// Every window, at random moments, against a reference that keeps every event: never off by more
// than what the oldest slice holds, and exact for what is younger.
TEST_F(BoardTest, AgreesWithAReferenceThatKeepsEveryEvent) {
  for (const std::uint64_t seed : {21, 22, 23}) {
    SCOPED_TRACE(seed);
    run([&]() -> awaitable<void> {
      const redis::Command flush("FLUSHDB");
      co_await redis().exec(flush);
      SeededRandom random(seed);
      Board board(env_.manual(), redis(), options());
      std::vector<Event> events;
      for (int step = 0; step < 400; ++step) {
        const Vote cast{"n" + std::to_string(random.below(12)),
                        1 + static_cast<std::int64_t>(random.below(3)), ""};
        const std::vector<Scope> everybody(1);
        co_await board.increment(everybody, cast);
        events.push_back(Event{now(), cast});
        const std::uint64_t longest = random.below(20) == 0 ? 40'000'000 : 1'500'000;
        pass(Millis(1 + random.below(longest)));
        if (step % 4 != 0) continue;

        const Window window = kAll[random.below(3)];
        const Scope scope;
        const std::vector<Place> places = co_await board.top(scope, window, 100);
        expect_in_order(places);
        std::map<std::string, double> got;
        for (const Place& place : places) got[place.name] = place.score;

        const std::int64_t slice = slice_of(window).count();
        const std::int64_t start = now() - length_of(window).count();
        const std::int64_t oldest = start / slice * slice;
        const auto young = counted_between(events, oldest + slice - 1, now());
        const auto old = counted_between(events, oldest - 1, oldest + slice - 1);
        const auto exact = counted_between(events, start, now());
        const double share =
            static_cast<double>(oldest + slice - start) / static_cast<double>(slice);
        for (int i = 0; i < 12; ++i) {
          const std::string name = "n" + std::to_string(i);
          const double faded = at(old, name) * share;
          EXPECT_NEAR(at(got, name), at(young, name) + faded, 1e-4) << name << " " << step;
          EXPECT_LE(std::abs(at(got, name) - at(exact, name)), at(old, name) + 1e-4) << name;
        }
        if (HasFailure()) co_return;
      }
    });
    if (HasFailure()) return;
  }
}

TEST_F(BoardTest, TwoProcessesCountOnOneBoard) {
  redis::Client& other = another_client();
  run([&]() -> awaitable<void> {
    Board here(env_.manual(), redis(), options());
    Board there(env_.manual(), other, options());
    for (int i = 0; i < 50; ++i) {
      co_await vote(here, "go");
      co_await vote(there, "go");
    }

    const std::string seen = co_await top(there, Window::hour);
    EXPECT_EQ(seen, "go 100, ");
  });
}

TEST_F(BoardTest, ThrowsWhileRedisIsAwayAndGoesOnWhenItIsBack) {
  redis::Client& impatient =
      another_client([](redis::ClientOptions& o) { o.command_timeout = Millis(100); });
  run([&]() -> awaitable<void> {
    Board board(env_.manual(), impatient, options());
    co_await vote(board, "go");
    server().kill9();
    const Scope everybody;
    const error_code gone = co_await test::failure_of(board.top(everybody, Window::hour, 10));
    server().start();
    co_await impatient.wait_connected(Millis(2000));

    co_await vote(board, "chess");
    const std::string seen = co_await top(board, Window::hour);

    EXPECT_TRUE(gone);
    EXPECT_EQ(seen, "chess 1, ");  // This Redis keeps nothing over its end.
  });
}

}  // namespace
}  // namespace seendr::leaderboard
