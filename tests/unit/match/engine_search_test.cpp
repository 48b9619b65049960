// The engine against the naive one, over random pools and random changes.
#include <gtest/gtest.h>

#include "support/env.hpp"

#include "unit/match/naive_pool.hpp"

namespace seendr::match {
namespace {

struct World {
  std::size_t people;
  std::uint32_t vocabulary;
  int rounds;  // Of some changes and some searches.
  std::uint64_t seed;
};

std::ostream& operator<<(std::ostream& out, const World& world) {
  return out << world.people << " people, " << world.vocabulary << " interests, seed "
             << world.seed;
}

class AgainstTheOracle : public testing::TestWithParam<World> {
 protected:
  std::uint64_t below(std::uint64_t limit) { return random_.below(limit); }
  bool once_in(std::uint64_t n) { return below(n) == 0; }

  template <class T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[below(values.size())];
  }

  Attributes attributes() {
    Attributes out;
    out.languages = one_of<std::vector<std::string>>({{"en"}, {"en"}, {"fr"}, {"fr", "en"}, {}});
    out.region = one_of<std::string>({"eu", "na", "as", ""});
    if (once_in(3)) out.wanted = {one_of<std::string>({"eu", "na"}), "as"};
    if (once_in(6)) out.region_policy = RegionPolicy::strict;
    out.mode = once_in(8) ? one_of({Mode::text, Mode::audio}) : Mode::video;
    out.adult = !once_in(6);
    out.policy = one_of({Policy::prefer, Policy::prefer, Policy::strict, Policy::any});
    out.min_shared = static_cast<int>(below(4));
    out.active = once_in(2);
    return out;
  }

  // Some interests are much more common than others.
  std::vector<std::uint32_t> interests() {
    std::set<std::uint32_t> out;
    const std::size_t wanted = std::min<std::size_t>(below(11), world_.vocabulary);
    while (out.size() < wanted) {
      out.insert(static_cast<std::uint32_t>(1 + below(1 + below(world_.vocabulary))));
    }
    return {out.begin(), out.end()};
  }

  UserId anybody() { return UserId{static_cast<std::int64_t>(1 + below(world_.people))}; }

  void join(UserId user) {
    Ticket ticket;
    ticket.user = user;
    ticket.version = LogId{1 + sequence_ / 1000, ++sequence_};
    ticket.instance = one_of<std::string>({"i1", "i2", "i3"});
    ticket.session = sequence_;
    now_ms_ += static_cast<std::int64_t>(below(3));
    ticket.t0_ms = once_in(5) ? now_ms_ - static_cast<std::int64_t>(below(1000)) : now_ms_;
    ticket.attributes = attributes();
    ticket.interests = interests();
    ticket.held = once_in(10);
    engine_.insert(ticket);
    naive_.insert(ticket);
  }

  void change() {
    const UserId user = anybody();
    const auto it = naive_.rows.find(user);
    const std::uint64_t what = below(10);
    if (what == 9 && once_in(world_.people)) {
      const std::string host = one_of<std::string>({"i1", "i2", "i3"});
      const bool alive = naive_.dead.contains(host) || naive_.dead.size() == 2;
      if (alive ? naive_.dead.erase(host) == 0 : !naive_.dead.insert(host).second) return;
      engine_.set_host_alive(host, alive);
      return;
    }
    if (it == naive_.rows.end() || what < 3) return join(user);
    NaivePool::Row& row = it->second;
    const LogId version = row.ticket.version;
    const LogId other{version.epoch, version.sequence + 1};
    switch (what) {
      case 3:
        EXPECT_TRUE(engine_.hold(user, version));
        row.ticket.held = true;
        row.doubted = false;
        break;
      case 4:
        EXPECT_TRUE(engine_.release(user, version));
        row.ticket.held = row.doubted = false;
        break;
      case 5:
        EXPECT_TRUE(engine_.reserve(user, version));
        row.reserved = true;
        break;
      case 6:
        EXPECT_TRUE(engine_.unreserve(user, version));
        row.reserved = row.doubted = false;
        break;
      case 7:
        EXPECT_TRUE(engine_.doubt(user, version));
        row.doubted = true;
        row.reserved = false;
        break;
      default:
        EXPECT_FALSE(engine_.remove(user, other));
        EXPECT_FALSE(engine_.hold(user, other));
        EXPECT_TRUE(engine_.remove(user, version));
        naive_.rows.erase(it);
    }
  }

  void search() {
    const UserId user = anybody();
    const Ticket* own = engine_.find(user);
    const Attributes who = own && !once_in(4) ? own->attributes : attributes();
    const std::vector<std::uint32_t> what = own && !once_in(4) ? own->interests : interests();
    People blocked;
    People recent;
    for (std::uint64_t i = below(5); i > 0; --i) blocked.insert(anybody());
    for (std::uint64_t i = below(5); i > 0; --i) recent.insert(anybody());
    const Seeker seeker{user,
                        &who,
                        &what,
                        static_cast<int>(below(4)),
                        one_of({Profile::count, Profile::rarity}),
                        &blocked,
                        &recent};

    const std::optional<Candidate> found = engine_.best(seeker);
    const std::optional<NaivePool::Winner> expected = naive_.best(seeker);

    ASSERT_EQ(found.has_value(), expected.has_value());
    compare_survey(seeker);
    if (!found) return;
    ++hits_;
    EXPECT_EQ(found->user, expected->user);
    EXPECT_EQ(found->score, expected->score);
    EXPECT_EQ(found->shared.size(), static_cast<std::size_t>(expected->shared));
    EXPECT_EQ(found->version, naive_.rows.at(found->user).ticket.version);
    compare_explanation(seeker, found->user, found->score);
  }

  void compare_survey(const Seeker& seeker) {
    std::map<Rule, std::size_t> excluded;
    std::size_t candidates = 0;
    for (const auto& [user, row] : naive_.rows) {
      if (user == seeker.user) continue;
      const std::optional<Rule> rule = naive_.excluded(seeker, row);
      ++(rule ? excluded[*rule] : candidates);
    }
    const Survey survey = engine_.survey(seeker);
    EXPECT_EQ(survey.candidates, candidates);
    EXPECT_EQ(survey.excluded, excluded);
  }

  void compare_explanation(const Seeker& seeker, UserId winner, int score) {
    const std::optional<Explanation> why = engine_.explain(seeker, winner);
    ASSERT_TRUE(why);
    EXPECT_EQ(why->excluded, std::nullopt);
    EXPECT_EQ(why->score.total(), score);

    const UserId other = anybody();
    const auto row = naive_.rows.find(other);
    const std::optional<Explanation> explanation = engine_.explain(seeker, other);
    ASSERT_EQ(explanation.has_value(), row != naive_.rows.end());
    if (!explanation || explanation->excluded == Rule::shared_interests) return;
    EXPECT_EQ(explanation->excluded, naive_.excluded(seeker, row->second));
    EXPECT_EQ(explanation->score.total(), naive_.score(seeker, row->second));
  }

  void compare_counts() {
    std::size_t searching = 0;
    std::map<std::uint32_t, std::size_t> by_interest;
    for (const auto& [user, row] : naive_.rows) {
      EXPECT_EQ(engine_.is_offered(user), naive_.offered(row));
      if (!row.ticket.attributes.active) continue;
      ++searching;
      for (const std::uint32_t interest : row.ticket.interests) ++by_interest[interest];
    }
    EXPECT_EQ(engine_.size(), naive_.rows.size());
    EXPECT_EQ(engine_.searching(), searching);
    EXPECT_EQ(engine_.searching_by_interest(), by_interest);
  }

  World world_ = GetParam();
  SeededRandom random_{world_.seed};
  Engine engine_;
  NaivePool naive_;
  std::uint64_t sequence_ = 0;
  std::int64_t now_ms_ = 1'700'000'000'000;
  int hits_ = 0;
};

TEST_P(AgainstTheOracle, FindsTheSamePartnerWithTheSameScore) {
  SCOPED_TRACE(world_);
  for (std::size_t i = 0; i < world_.people * 3 / 4; ++i) join(anybody());
  for (int round = 0; round < world_.rounds && !HasFailure(); ++round) {
    for (std::size_t i = 0; i < 3 + world_.people / 20; ++i) change();
    naive_.count_holders();
    for (int i = 0; i < 5; ++i) search();
    compare_counts();
  }
  if (world_.people > 100) {
    EXPECT_GT(hits_, world_.rounds) << "hardly anybody was found";
  }
}

INSTANTIATE_TEST_SUITE_P(RandomPools, AgainstTheOracle,
                         testing::Values(World{1, 3, 50, 1}, World{2, 3, 300, 2},
                                         World{3, 5, 300, 3}, World{10, 3, 300, 4},
                                         World{10, 30, 300, 5}, World{60, 10, 150, 6},
                                         World{60, 300, 150, 7}, World{500, 3, 30, 8},
                                         World{500, 200, 30, 9}, World{500, 5000, 30, 10},
                                         World{5000, 300, 20, 11}, World{5000, 5000, 20, 12}));

}  // namespace
}  // namespace seendr::match
