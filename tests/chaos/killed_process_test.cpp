// One of two processes is killed while people wait on both.
#include <gtest/gtest.h>

#include "lab/crowd.hpp"
#include "runtime/sleep.hpp"
#include "support/serve.hpp"

namespace seendr::lab {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPeople = 200;
constexpr auto kSuspect = 3s;  // After so much silence people of a process are offered to nobody.
constexpr auto kEvict = 6s;    // After so much they are taken out of the pool.
constexpr auto kReaction = 500ms;

// Asks for more than anybody can share, so it waits for ever; and takes anybody.
const Wish kHopeless{"strict", 10};
const Wish kAnybody{"any", 1};

class KilledProcessTest : public testing::Test {
 protected:
  KilledProcessTest() {
    backend_.set("SEENDR_LIMITS_MATCHING=off");
    backend_.set("SEENDR_LIMITS_CONNECTIONS_ADDRESS=off");
    const std::string file = folder_.path() + "/people";
    backend_.run({"seed", "--users", std::to_string(kPeople), "--users-file", file}, 60s);
    people_ = read_people(file);
    doomed_.emplace(backend_);
    survivor_.emplace(backend_);
  }

  // In turn on each process; half of them in the article's manner, where all can be found.
  void invite(Crowd& crowd) {
    for (std::size_t i = 0; i < kPeople; ++i) {
      Person person = people_.at(i);
      person.interests.resize(std::min<std::size_t>(person.interests.size(), 9));
      const Manner manner = i % 4 < 2 ? Manner::article : Manner::standing;
      const bool dies = i % 2 == 1;
      const std::string& url = dies ? doomed_->url() : survivor_->url();
      Player& player = crowd.add(std::move(person), parse_server(url), manner);
      (dies ? dead_ : alive_).push_back(&player);
    }
  }

  // People in the pool and in rooms, as Redis has them.
  awaitable<std::int64_t> records(redis::Client& client) {
    const redis::Reply reply =
        co_await client.exec(redis::Command("HLEN", "seendr:match:{all}:people"));
    co_return reply.as_int();
  }

  awaitable<bool> wait_for_records(redis::Client& client, std::int64_t wanted, Millis limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
      const std::int64_t now = co_await records(client);
      if (now == wanted) co_return true;
      if (std::chrono::steady_clock::now() > end) co_return false;
      co_await sleep_for(20ms);
    }
  }

  awaitable<void> story(Crowd& crowd, redis::Client& client) {
    invite(crowd);
    co_await crowd.connect();
    for (Player* player : crowd.players()) {
      if (player->manner() == Manner::standing) player->search(kHopeless);
    }
    const bool all_wait = co_await wait_for_records(client, kPeople, 20s);
    EXPECT_TRUE(all_wait) << "not everybody waits";

    doomed_->kill9();
    for (Player* player : dead_) player->cut();
    co_await sleep_for(kSuspect + kReaction);
    for (Player* player : alive_) player->search(kAnybody);
    const std::function<bool()> paired = [this] {
      std::vector<const Player*> left;
      for (const Player* player : alive_) {
        if (player->room().empty()) left.push_back(player);
      }
      return left_over(left) == 0;
    };
    const bool in_time = co_await crowd.wait_until(paired, 10s);
    EXPECT_TRUE(in_time) << "the living are not paired with one another";

    const auto survivors = static_cast<std::int64_t>(alive_.size());
    const bool evicted = co_await wait_for_records(client, survivors, kEvict);
    EXPECT_TRUE(evicted) << "the dead are still in the pool";
  }

  test::TestEnv env_;
  test::Backend backend_;
  test::TempFolder folder_;
  std::vector<Person> people_;
  std::optional<test::ServeProcess> doomed_;
  std::optional<test::ServeProcess> survivor_;
  std::vector<Player*> dead_;
  std::vector<Player*> alive_;
};

TEST_F(KilledProcessTest, LeavesNobodyPairedWithItsPeopleAndTheOthersPairOn) {
  test::run(
      [this]() -> awaitable<void> {
        const Executor executor = co_await net::this_coro::executor;
        const Env env = env_.real();
        redis::ClientOptions options;
        options.url = backend_.redis().url();
        redis::Client client(env, executor, options);
        TaskGroup group(executor, [](const std::string&, std::exception_ptr) {});
        group.spawn("redis", client.run());
        Crowd crowd(env, executor);
        std::exception_ptr failure;
        try {
          co_await story(crowd, client);
        } catch (...) {
          failure = std::current_exception();
        }
        const std::vector<Violation> violations = crowd.violations(1s);
        co_await crowd.close();
        group.cancel();
        co_await group.join();
        for (const Violation& violation : violations) {
          ADD_FAILURE() << name(violation.defect) << " " << violation.room << ": "
                        << violation.detail;
        }
        if (failure) std::rethrow_exception(failure);
      },
      120s);
}

}  // namespace
}  // namespace seendr::lab
