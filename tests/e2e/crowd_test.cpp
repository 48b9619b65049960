// Five hundred people on two processes who all search at once, in each manner.
#include "lab/crowd.hpp"

#include <gtest/gtest.h>

#include "runtime/sleep.hpp"
#include "support/serve.hpp"

namespace seendr::lab {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kEach = 500;  // People in one manner.

std::string describe(const std::vector<Violation>& violations) {
  std::string out;
  for (const Violation& violation : violations) {
    out += std::string(name(violation.defect)) + " " + violation.room + ": " + violation.detail;
    out += '\n';
  }
  return out;
}

class CrowdTest : public testing::Test {
 protected:
  CrowdTest() {
    for (const char* limit : {"MATCHING", "CONNECTIONS_ADDRESS", "GUEST_ADDRESS"}) {
      backend_.set(std::string("SEENDR_LIMITS_") + limit + "=off");
    }
    const std::string file = folder_.path() + "/people";
    backend_.run({"seed", "--users", "1000", "--users-file", file}, 60s);
    people_ = read_people(file);
    first_.emplace(backend_);
    second_.emplace(backend_);
  }

  // Adds people from `from` on, every other on each process.
  std::vector<Player*> invite(Crowd& crowd, std::size_t from, Manner manner) {
    std::vector<Player*> out;
    for (std::size_t i = from; i < from + kEach; ++i) {
      const std::string& url = i % 2 == 0 ? first_->url() : second_->url();
      out.push_back(&crowd.add(people_.at(i), parse_server(url), manner));
    }
    return out;
  }

  static std::vector<const Player*> searching(const std::vector<Player*>& players) {
    std::vector<const Player*> out;
    for (const Player* player : players) {
      if (player->searching()) out.push_back(player);
    }
    return out;
  }

  static std::size_t in_rooms(const Crowd& crowd) {
    std::size_t count = 0;
    for (const Player* player : crowd.players()) count += player->room().empty() ? 0 : 1;
    return count;
  }

  awaitable<void> story(Crowd& crowd) {
    const std::vector<Player*> standing = invite(crowd, 0, Manner::standing);
    co_await crowd.connect();
    for (Player* player : standing) player->search(Wish());
    const std::function<bool()> paired = [&standing] {
      return left_over(searching(standing)) == 0;
    };
    const bool in_time = co_await crowd.wait_until(paired, 10s);
    EXPECT_TRUE(in_time) << searching(standing).size() << " standing searches are left";

    const std::vector<Player*> article = invite(crowd, kEach, Manner::article);
    co_await crowd.connect();
    for (Player* player : article) player->search(Wish());
    const std::function<bool()> answered = [&article] {
      return searching(article).empty();
    };
    const bool all_answered = co_await crowd.wait_until(answered, 10s);
    EXPECT_TRUE(all_answered) << searching(article).size() << " searches were not answered";

    const std::size_t before = in_rooms(crowd);
    EXPECT_GE(before, 2 * kEach - 10);
    co_await sleep_for(60s);
    EXPECT_GE(in_rooms(crowd), before) << "pairs broke";
  }

  test::TestEnv env_;
  test::Backend backend_;
  test::TempFolder folder_;
  std::vector<Person> people_;
  std::optional<test::ServeProcess> first_;
  std::optional<test::ServeProcess> second_;
};

// Both manners in one test, because each pair is left alone for a minute.
TEST_F(CrowdTest, IsPairedInAgreementAndStaysPairedWhenLeftAlone) {
  test::run(
      [this]() -> awaitable<void> {
        const Executor executor = co_await net::this_coro::executor;
        const Env env = env_.real();
        Crowd crowd(env, executor);
        std::exception_ptr failure;
        try {
          co_await story(crowd);
        } catch (...) {
          failure = std::current_exception();
        }
        const std::vector<Violation> violations = crowd.violations(1s);
        for (const auto& [what, count] : crowd.troubles()) ADD_FAILURE() << what << ": " << count;
        co_await crowd.close();
        EXPECT_TRUE(violations.empty()) << describe(violations);
        if (failure) std::rethrow_exception(failure);
      },
      240s);
}

}  // namespace
}  // namespace seendr::lab
