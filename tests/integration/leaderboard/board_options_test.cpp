// The options of a board: decay, one vote a person and window, a crowd before a name is shown.
#include <gtest/gtest.h>

#include "integration/leaderboard/board_fixture.hpp"

namespace seendr::leaderboard {
namespace {

class BoardOptionsTest : public BoardTest {};

TEST_F(BoardOptionsTest, WithDecayWhatIsNewerIsWorthMore) {
  run([this]() -> awaitable<void> {
    BoardOptions decaying = options();
    decaying.half_life = kHour * 3;
    Board board(env_.manual(), redis(), decaying);
    pass(kHour / 2);  // To the middle of a slice, where its votes are taken to be.
    co_await vote(board, "old", "", 12);
    pass(kHour * 6);
    co_await vote(board, "new", "", 4);

    const Scope everybody;
    const std::vector<Place> places = co_await board.top(everybody, Window::day, 10);

    EXPECT_EQ(places.size(), 2U);
    if (places.size() != 2) co_return;
    EXPECT_EQ(places[0].name, "new");
    EXPECT_NEAR(places[0].score, 4, 0.001);
    EXPECT_EQ(places[1].name, "old");
    EXPECT_NEAR(places[1].score, 3, 0.001);
  });
}

TEST_F(BoardOptionsTest, AVoterCountsOnceForANameInAWindow) {
  run([this]() -> awaitable<void> {
    BoardOptions once = options();
    once.once_per_voter = true;
    Board board(env_.manual(), redis(), once);
    for (int i = 0; i < 5; ++i) co_await vote(board, "go", "ada");
    co_await vote(board, "go", "bob");
    co_await vote(board, "chess", "ada");

    const std::string first = co_await top(board, Window::hour);
    pass(kHour);
    co_await vote(board, "go", "ada");  // Again in the hour, not in the day.
    pass(kHour / 2);
    const std::string second = co_await top(board, Window::hour);
    const std::string day = co_await top(board, Window::day);
    const std::string week = co_await top(board, Window::week);

    EXPECT_EQ(first, "go 2, chess 1, ");
    EXPECT_EQ(second, "go 1, ");
    EXPECT_EQ(day, "go 2, chess 1, ");
    EXPECT_EQ(week, "go 2, chess 1, ");
  });
}

// Whoever votes as often as they like: what is counted for a name in an hour is never more than
// one for each voter, and everybody who voted after a pause of an hour is counted.
TEST_F(BoardOptionsTest, VotesAgreeWithAReferenceThatKeepsEveryVote) {
  for (const std::uint64_t seed : {31, 32}) {
    SCOPED_TRACE(seed);
    run([&]() -> awaitable<void> {
      const redis::Command flush("FLUSHDB");
      co_await redis().exec(flush);
      SeededRandom random(seed);
      BoardOptions once = options();
      once.once_per_voter = true;
      once.windows = {Window::hour};
      Board board(env_.manual(), redis(), once);
      std::vector<Event> counted;
      std::map<std::pair<std::string, std::string>, std::int64_t> last;
      const std::int64_t hour = kHour.count();
      const std::int64_t slice = slice_of(Window::hour).count();
      for (int step = 0; step < 600; ++step) {
        const Vote cast{"n" + std::to_string(random.below(3)), 1,
                        "voter" + std::to_string(random.below(6))};
        const std::vector<Scope> everybody(1);
        co_await board.increment(everybody, cast);
        const auto who = std::make_pair(cast.name, cast.voter);
        const auto before = last.find(who);
        if (before == last.end() || now() - before->second >= hour) {
          last[who] = now();
          counted.push_back(Event{now(), cast});
        }
        pass(Millis(1 + random.below(900'000)));
        if (step % 5 != 0) continue;

        const Scope scope;
        const std::vector<Place> places = co_await board.top(scope, Window::hour, 10);
        const std::int64_t oldest = (now() - hour) / slice * slice;
        const auto least = counted_between(counted, oldest + slice - 1, now());
        const auto most = counted_between(counted, oldest - 1, now());
        std::map<std::string, double> got;
        for (const Place& place : places) got[place.name] = place.score;
        for (const char* name : {"n0", "n1", "n2"}) {
          EXPECT_GE(at(got, name) + 1e-4, at(least, name)) << name;
          EXPECT_LE(at(got, name) - 1e-4, at(most, name)) << name;
          EXPECT_LE(at(least, name), 6) << name;
        }
        if (HasFailure()) co_return;
      }
    });
    if (HasFailure()) return;
  }
}

TEST_F(BoardOptionsTest, RemembersTheLatestVotesWhenThereAreTooMany) {
  run([this]() -> awaitable<void> {
    BoardOptions few = options();
    few.once_per_voter = true;
    few.max_votes = 2;
    Board board(env_.manual(), redis(), few);
    for (const char* voter : {"ada", "bob", "cleo", "cleo", "bob", "ada"}) {
      co_await vote(board, "go", voter);
    }

    const std::string seen = co_await top(board, Window::hour);
    EXPECT_EQ(seen, "go 4, ");  // Ada's first vote had been forgotten when she voted again.
  });
}

TEST_F(BoardOptionsTest, ANameIsShownWhenEnoughDifferentPeopleVotedForIt) {
  run([this]() -> awaitable<void> {
    BoardOptions crowd = options();
    crowd.least_crowd = 3;
    Board board(env_.manual(), redis(), crowd);
    for (int i = 0; i < 50; ++i) co_await vote(board, "loud", "ada");
    for (const char* voter : {"ada", "bob"}) co_await vote(board, "liked", voter);

    const std::string before = co_await top(board, Window::hour);
    co_await vote(board, "liked", "cleo");
    const std::string after = co_await top(board, Window::hour);
    const Scope everybody;
    const std::optional<Place> loud = co_await board.rank(everybody, Window::hour, "loud");

    EXPECT_EQ(before, "");
    EXPECT_EQ(after, "liked 3, ");
    EXPECT_FALSE(loud.has_value());
  });
}

TEST_F(BoardOptionsTest, ANameIsNeverShownWithoutItsCrowdInTheWindow) {
  run([this]() -> awaitable<void> {
    SeededRandom random(41);
    BoardOptions crowd = options();
    crowd.least_crowd = 3;
    crowd.windows = {Window::hour};
    Board board(env_.manual(), redis(), crowd);
    std::vector<Event> events;
    int shown = 0;
    for (int step = 0; step < 600; ++step) {
      const Vote cast{"n" + std::to_string(random.below(3)), 1,
                      "voter" + std::to_string(random.below(5))};
      const std::vector<Scope> everybody(1);
      co_await board.increment(everybody, cast);
      events.push_back(Event{now(), cast});
      pass(Millis(1 + random.below(random.below(10) == 0 ? 3'000'000 : 400'000)));

      const Scope scope;
      const std::vector<Place> places = co_await board.top(scope, Window::hour, 10);
      expect_in_order(places);
      for (const Place& place : places) {
        std::set<std::string> voters;
        for (const Event& event : events) {
          const bool inside = event.at_ms > now() - kHour.count();
          if (inside && event.vote.name == place.name) voters.insert(event.vote.voter);
        }
        EXPECT_GE(voters.size(), 3U) << place.name << " " << step;
        ++shown;
      }
      if (HasFailure()) co_return;
    }
    EXPECT_GT(shown, 100);
  });
}

}  // namespace
}  // namespace seendr::leaderboard
