#include "redis/invalidations.hpp"

#include <gmock/gmock.h>

#include "redis/connection.hpp"
#include "support/redis_test.hpp"

namespace seendr::redis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class InvalidationsTest : public test::RedisTest {
 protected:
  ~InvalidationsTest() override {
    listening_.cancel();
    run([this]() -> awaitable<void> { co_await listening_.join(); });
  }

  void listen(Writers writers) {
    reader_ = &another_client([](ClientOptions& options) {
      options.client_name = "reader";
      options.backoff = BackoffOptions{Millis(1), Millis(5)};
    });
    InvalidationEvents events;
    events.changed = [this](const std::vector<std::string>& keys) {
      changes_.insert(changes_.end(), keys.begin(), keys.end());
      if (keys.empty()) changes_.push_back("all");
    };
    events.lost = [this] {
      ++lost_;
    };
    events.renewed = [this] {
      ++renewed_;
    };
    told_.emplace(env(), *reader_, writers, std::move(events));
    listening_.spawn("invalidations", told_->run());
  }

  // Reads a key so that its next change is told.
  awaitable<bool> read(std::string key) {
    const auto end = std::chrono::steady_clock::now() + Millis(5000);
    while (std::chrono::steady_clock::now() < end) {
      Pipeline commands;
      const Invalidations::Armed armed = told_->arm(commands);
      commands.add("GET", key);
      const std::vector<Reply> replies = co_await reader_->exec(std::move(commands));
      told_->answered(armed, replies.front());
      if (told_->active()) co_return true;
      co_await sleep_for(Millis(2));
    }
    co_return false;
  }

  awaitable<bool> changes(std::size_t count) {
    std::function<bool()> enough = [this, count] {
      return changes_.size() >= count;
    };
    co_return co_await test::becomes(enough, Millis(5000));
  }

  awaitable<void> kill(std::string name) {
    const Command list("CLIENT", "LIST");
    const Reply reply = co_await redis().exec(list);
    const std::string text = reply.text();
    const std::size_t at = text.find(" name=" + name + " ");
    const std::size_t line = text.rfind("id=", at);
    const std::string number = text.substr(line + 3, text.find(' ', line) - line - 3);
    const Command end("CLIENT", "KILL", "ID", number);
    co_await redis().exec(end);
  }

  Client* reader_ = nullptr;
  std::vector<std::string> changes_;
  int lost_ = 0;
  int renewed_ = 0;
  std::optional<Invalidations> told_;
  TaskGroup listening_{io().get_executor(), [](const std::string&, std::exception_ptr error) {
                         ADD_FAILURE() << what(error);
                       }};
};

TEST_F(InvalidationsTest, TellsWhichKeyChangedOnceAReadOfIt) {
  listen(Writers::all);
  run([this]() -> awaitable<void> {
    const bool armed = co_await read("k");
    const Command set("SET", "k", "v");
    co_await redis().exec(set);
    co_await redis().exec(set);
    co_await redis().exec(Command("SET", "never read", "v"));
    const bool first = co_await changes(1);
    EXPECT_THAT(changes_, ElementsAre("k"));
    const bool armed_again = co_await read("k");
    co_await redis().exec(set);
    const bool second = co_await changes(2);

    EXPECT_TRUE(armed);
    EXPECT_TRUE(first);
    EXPECT_TRUE(armed_again);
    EXPECT_TRUE(second);
    EXPECT_THAT(changes_, ElementsAre("k", "k"));
  });
}

TEST_F(InvalidationsTest, TellsOfWhatTheReaderItselfWritesOnlyIfAsked) {
  listen(Writers::others);
  run([this]() -> awaitable<void> {
    const bool own = co_await read("own");
    const bool foreign = co_await read("foreign");
    co_await reader_->exec(Command("SET", "own", "v"));
    co_await redis().exec(Command("SET", "foreign", "v"));
    const bool told = co_await changes(1);

    EXPECT_TRUE(own);
    EXPECT_TRUE(foreign);
    EXPECT_TRUE(told);
    EXPECT_THAT(changes_, ElementsAre("foreign"));
  });
}

TEST_F(InvalidationsTest, TellsThatEverythingMayHaveChanged) {
  listen(Writers::all);
  run([this]() -> awaitable<void> {
    const bool armed = co_await read("k");
    co_await redis().exec(Command("FLUSHDB"));
    const bool told = co_await changes(1);

    EXPECT_TRUE(armed);
    EXPECT_TRUE(told);
    EXPECT_THAT(changes_, ElementsAre("all"));
  });
}

TEST_F(InvalidationsTest, SaysWhenEitherConnectionBrokeAndIsThereAgain) {
  listen(Writers::all);
  run([this]() -> awaitable<void> {
    const bool armed = co_await read("k");
    EXPECT_TRUE(armed);
    for (const char* name : {"reader", "reader-tracking"}) {
      const int renewed_before = renewed_;
      const std::string who = name;
      co_await kill(who);
      std::function<bool()> renewed = [this, renewed_before] {
        return renewed_ > renewed_before;
      };
      const bool back = co_await test::becomes(renewed, Millis(5000));
      EXPECT_TRUE(back) << who;
      EXPECT_FALSE(told_->active()) << who;

      const bool again = co_await read("k");
      EXPECT_TRUE(again) << who;
    }
    EXPECT_EQ(lost_, 1);
    EXPECT_THAT(changes_, IsEmpty());
  });
}

}  // namespace
}  // namespace seendr::redis
