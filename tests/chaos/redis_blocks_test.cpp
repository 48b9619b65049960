// Every block over one Redis that is killed and started again under load: nothing crashes or hangs,
// what fails says that it is Redis, and all of it works within two seconds of its return.
#include <map>

#include "auth/sessions.hpp"
#include "cache/cache.hpp"
#include "channels/layer.hpp"
#include "channels/pubsub_layer.hpp"
#include "leaderboard/board.hpp"
#include "ratelimit/rate_limiter.hpp"
#include "support/redis_test.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr int kWorkers = 8;  // Of each block, all at the same time.

// What became of the calls of one block.
struct Record {
  SteadyTime worked;  // The last call that did what it should, with Redis.
  SteadyTime missed;  // The last one that did without Redis, or failed.
  Millis longest{0};
  std::string strange;  // A failure that does not say that Redis is away.
};

bool says_redis_is_away(const system_error& error) {
  const auto* refusal = dynamic_cast<const redis::ServerError*>(&error);
  if (refusal) return refusal->kind() == "LOADING";
  return error.code() == redis::Errc::timed_out || error.code() == redis::Errc::overloaded ||
         error.code() == redis::Errc::connection_lost;
}

class RedisBlocksTest : public RedisTest {
 protected:
  // One call of a block: whether it did all that it should. May throw.
  using Call = std::function<awaitable<bool>()>;

  redis::Client& client(const std::string& name) {
    return another_client([&name](redis::ClientOptions& options) {
      options.client_name = name;
      options.command_timeout = 1000ms;
    });
  }

  awaitable<void> work(std::string block, Call call) {
    Record& record = records_[block];
    while (!stop_) {
      const SteadyTime start = std::chrono::steady_clock::now();
      bool worked = false;
      try {
        worked = co_await call();
      } catch (const system_error& error) {
        if (!says_redis_is_away(error)) record.strange = what(std::current_exception());
      }
      const SteadyTime end = std::chrono::steady_clock::now();
      // A call that began before the loss and ended after it says nothing about what is now.
      (worked ? record.worked : record.missed) = worked ? start : end;
      record.longest = std::max(record.longest, std::chrono::ceil<Millis>(end - start));
      co_await sleep_for(2ms);
    }
  }

  void load(TaskGroup& tasks, const std::string& block, const Call& call) {
    for (int i = 0; i < kWorkers; ++i) tasks.spawn(block, work(block, call));
  }

  // Whether every block comes to have done so after that moment; else which one did not.
  awaitable<std::string> missing(SteadyTime Record::*when, SteadyTime since, Millis limit) {
    std::string late;
    const auto all = [&] {
      for (const auto& [block, record] : records_) {
        late = block;
        if (record.*when <= since) return false;
      }
      late.clear();
      return true;
    };
    co_await becomes(all, limit);
    co_return late;
  }

  bool stop_ = false;
  std::map<std::string, Record> records_;
};

// Calls of each block. Whoever listens to a layer is among those who send.
class Blocks {
 public:
  Blocks(const Env& env, redis::Client& client, redis::Client& cached, redis::Client& inbox)
      : client_(client),
        cache_(env, cached, options()),
        limiter_(env, client),
        board_(env, client, board_options()),
        sessions_(env, client, auth::SessionOptions()),
        layer_(env, client, inbox, channels::LayerOptions()),
        pubsub_(env, client, client.options(), channels::PubSubOptions()) {}

  void run(TaskGroup& tasks) {
    const auto count = [this](const std::string&, const channels::Message& message) {
      ++heard_[message["from"].get<std::string>()];
    };
    tasks.spawn("cache", cache_.run());
    tasks.spawn("layer", layer_.run(count));
    tasks.spawn("pubsub", pubsub_.run(count));
  }

  awaitable<void> join_groups() {
    co_await layer_.group_add("g", layer_.new_channel());
    const std::string channel = co_await pubsub_.new_channel();
    co_await pubsub_.group_add("g", channel);
  }

  awaitable<void> close() { co_await cache_.close(); }

  awaitable<bool> commands() {
    const redis::Command set("SET", "blocks:key", "value");
    co_await client_.exec(set);
    const redis::Command get("GET", "blocks:key");
    const redis::Reply value = co_await client_.exec(get);
    co_return value.text() == "value";
  }

  awaitable<bool> cached() {
    const std::string key = "blocks:" + std::to_string(++calls_ % 7);
    co_await cache_.set<int>(key, 1);
    const std::optional<int> value = co_await cache_.get<int>(key);
    co_return value.has_value();
  }

  awaitable<bool> limited() {
    ratelimit::Limit limit;
    limit.name = "blocks";
    limit.calls = 1'000'000;
    const ratelimit::Decision decision = co_await limiter_.acquire(limit, "ada");
    co_return !decision.without_redis;
  }

  awaitable<bool> counted() {
    leaderboard::Vote vote;
    vote.name = "music";
    std::vector<leaderboard::Scope> scopes(1);
    co_await board_.increment(std::move(scopes), std::move(vote));
    const leaderboard::Scope all;
    const auto places = co_await board_.top(all, leaderboard::Window::hour, 1);
    co_return places.size() == 1;
  }

  awaitable<bool> signed_in() {
    const UserId ada{7};
    const SessionId id = co_await sessions_.create(ada);
    const std::optional<auth::Session> session = co_await sessions_.resume(id);
    co_return session.has_value();
  }

  awaitable<bool> told() {
    const int before = heard_["layer"];
    const channels::Message message({{"type", "x"}, {"from", "layer"}});
    co_await layer_.group_send("g", message);
    co_return co_await hears("layer", before);
  }

  awaitable<bool> published() {
    const int before = heard_["pubsub"];
    const channels::Message message({{"type", "x"}, {"from", "pubsub"}});
    co_await pubsub_.group_send("g", message);
    co_return co_await hears("pubsub", before);
  }

 private:
  static cache::CacheOptions options() {
    cache::CacheOptions options;
    options.memory.limit_bytes = 1 << 20;
    return options;
  }
  static leaderboard::BoardOptions board_options() {
    leaderboard::BoardOptions options;
    options.name = "blocks";
    return options;
  }

  awaitable<bool> hears(std::string from, int before) {
    const auto more = [&] {
      return heard_[from] > before;
    };
    co_return co_await becomes(more, 500ms);
  }

  redis::Client& client_;
  cache::Cache cache_;
  ratelimit::RateLimiter limiter_;
  leaderboard::Board board_;
  auth::Sessions sessions_;
  channels::Layer layer_;
  channels::PubSubLayer pubsub_;
  std::map<std::string, int> heard_;
  int calls_ = 0;
};

TEST_F(RedisBlocksTest, WorkWithinTwoSecondsOfTheReturnOfRedisAndNeverHang) {
  Blocks blocks(env(), client("blocks"), client("blocks-cache"), client("blocks-inbox"));
  run(
      [&]() -> awaitable<void> {
        TaskGroup loops(io().get_executor(), [](const std::string& name, std::exception_ptr error) {
          ADD_FAILURE() << name << ": " << what(error);
        });
        TaskGroup workers(io().get_executor(),
                          [](const std::string& name, std::exception_ptr error) {
                            ADD_FAILURE() << name << ": " << what(error);
                          });
        blocks.run(loops);
        co_await blocks.join_groups();
        load(workers, "commands", [&] { return blocks.commands(); });
        load(workers, "cache", [&] { return blocks.cached(); });
        load(workers, "limits", [&] { return blocks.limited(); });
        load(workers, "board", [&] { return blocks.counted(); });
        load(workers, "sessions", [&] { return blocks.signed_in(); });
        load(workers, "channels", [&] { return blocks.told(); });
        load(workers, "pub/sub channels", [&] { return blocks.published(); });
        const SteadyTime never;
        const std::string idle = co_await missing(&Record::worked, never, 5000ms);
        EXPECT_EQ(idle, "");

        for (int turn = 0; turn < 3; ++turn) {
          const SteadyTime gone = std::chrono::steady_clock::now();
          server().kill9();
          const std::string unimpressed = co_await missing(&Record::missed, gone, 5000ms);
          server().start();
          const SteadyTime back = std::chrono::steady_clock::now();
          const std::string late = co_await missing(&Record::worked, back, 2000ms);
          EXPECT_EQ(unimpressed, "") << "turn " << turn;
          EXPECT_EQ(late, "") << "turn " << turn;
        }
        stop_ = true;
        co_await workers.join();
        loops.cancel();
        co_await loops.join();
        co_await blocks.close();
      },
      60s);

  for (const auto& [block, record] : records_) {
    EXPECT_EQ(record.strange, "") << block;
    EXPECT_LT(record.longest, 4s)
        << block;  // Two commands of a second each, a wait, a busy machine.
  }
}

}  // namespace
}  // namespace seendr::test
