#include "redis/subscriber.hpp"

#include "redis/connection.hpp"
#include "runtime/sleep.hpp"
#include "support/redis_test.hpp"

namespace seendr::redis {
namespace {

using namespace std::chrono_literals;
using test::becomes;

class SubscriberTest : public test::RedisTest {
 protected:
  ~SubscriberTest() override {
    tasks_.cancel();
    run([this]() -> awaitable<void> { co_await tasks_.join(); });
  }

  Subscriber& subscriber(const Url& url) {
    ClientOptions options;
    options.url = url;
    options.client_name = "subscriber";
    options.command_timeout = 200ms;
    SubscriberEvents events;
    events.message = [this](Message message) {
      messages_.push_back(message.channel + "=" + message.payload);
    };
    events.subscribed = [this](bool again) {
      (again ? subscribed_again_ : subscribed_) += 1;
    };
    events.lost = [this] {
      ++lost_;
    };
    subscriber_ = std::make_unique<Subscriber>(env(), io().get_executor(), options, events);
    tasks_.spawn("subscriber", subscriber_->run());
    return *subscriber_;
  }

  std::vector<std::string> messages_;
  int subscribed_ = 0;
  int subscribed_again_ = 0;
  int lost_ = 0;
  std::unique_ptr<Subscriber> subscriber_;
  TaskGroup tasks_{io().get_executor(), [](const std::string&, std::exception_ptr error) {
                     ADD_FAILURE() << what(error);
                   }};
};

TEST_F(SubscriberTest, ReceivesWhatIsPublishedToItsChannels) {
  run([this]() -> awaitable<void> {
    Subscriber& listening = subscriber(server().url());
    listening.subscribe("a");
    listening.subscribe("b");
    co_await listening.wait_subscribed(2s);

    co_await redis().exec(Command("PUBLISH", "a", "1"));
    co_await redis().exec(Command("PUBLISH", "other", "2"));
    co_await redis().exec(Command("PUBLISH", "b", "3"));
    const auto received = [this] {
      return messages_.size() == 2;
    };
    co_await becomes(received, 2s);

    EXPECT_EQ(messages_, (std::vector<std::string>{"a=1", "b=3"}));
    EXPECT_EQ(subscribed_, 1);
  });
}

TEST_F(SubscriberTest, ReceivesNothingMoreFromAChannelItLeft) {
  run([this]() -> awaitable<void> {
    Subscriber& listening = subscriber(server().url());
    listening.subscribe("a");
    listening.subscribe("b");
    co_await listening.wait_subscribed(2s);

    listening.unsubscribe("a");
    co_await listening.wait_subscribed(2s);
    co_await redis().exec(Command("PUBLISH", "a", "1"));
    co_await redis().exec(Command("PUBLISH", "b", "2"));
    const auto received = [this] {
      return !messages_.empty();
    };
    co_await becomes(received, 2s);

    EXPECT_EQ(messages_, (std::vector<std::string>{"b=2"}));
  });
}

TEST_F(SubscriberTest, SubscribesAgainAfterTheServerWasKilledAndTellsOfTheGap) {
  test::RedisServer own;
  run([&]() -> awaitable<void> {
    Subscriber& listening = subscriber(own.url());
    Client& publisher = another_client([&](ClientOptions& o) { o.url = own.url(); });
    listening.subscribe("a");
    co_await listening.wait_subscribed(2s);

    own.restart();
    const auto back = [this] {
      return subscribed_again_ == 1;
    };
    co_await becomes(back, 5s);
    co_await publisher.exec(Command("PUBLISH", "a", "after"));
    const auto received = [this] {
      return !messages_.empty();
    };
    co_await becomes(received, 2s);

    EXPECT_EQ(lost_, 1);
    EXPECT_EQ(subscribed_again_, 1);
    EXPECT_EQ(messages_, (std::vector<std::string>{"a=after"}));
  });
}

TEST_F(SubscriberTest, LeavesAServerThatStaysConnectedButSilent) {
  test::RedisServer own;
  run([&]() -> awaitable<void> {
    Subscriber& listening = subscriber(own.url());
    listening.subscribe("a");
    co_await listening.wait_subscribed(2s);

    own.pause();
    const auto gone = [this] {
      return lost_ == 1;
    };
    const bool noticed = co_await becomes(gone, 3s);
    own.resume();

    EXPECT_TRUE(noticed);
  });
}

TEST_F(SubscriberTest, StaysWithAServerThatHasNothingToSay) {
  run([this]() -> awaitable<void> {
    Subscriber& listening = subscriber(server().url());
    listening.subscribe("a");
    co_await listening.wait_subscribed(2s);

    const auto gone = [this] {
      return lost_ > 0;
    };
    const bool lost = co_await becomes(gone, 600ms);  // Three times its patience.

    EXPECT_FALSE(lost);
  });
}

// A subscriber that tells its own id, and a client whose reads are tracked for it.
TEST_F(SubscriberTest, HearsOfKeysThatAnotherConnectionReadAndThatChanged) {
  run([this]() -> awaitable<void> {
    std::int64_t id = 0;
    std::vector<std::string> heard;
    bool all = false;
    ClientOptions options;
    options.url = server().url();
    const auto ask = [&](Connection& connection) -> awaitable<void> {
      Command command("CLIENT", "ID");
      const Reply reply = co_await connection.exec(std::move(command));
      id = reply.as_int();
    };
    options.on_connect = ask;
    SubscriberEvents events;
    events.message = [](const Message&) {
    };
    events.invalidated = [&](const std::vector<std::string>& keys) {
      all = all || keys.empty();
      heard.insert(heard.end(), keys.begin(), keys.end());
    };
    Subscriber listening(env(), io().get_executor(), options, events);
    listening.subscribe("__redis__:invalidate");
    tasks_.spawn("subscriber", listening.run());
    co_await listening.wait_subscribed(2s);
    Client& reader = another_client();
    co_await reader.exec(Command("CLIENT", "TRACKING", "ON", "REDIRECT", id));
    co_await reader.exec(Command("MGET", "a", "b"));

    co_await redis().exec(Command("SET", "a", 1));
    co_await redis().exec(Command("SET", "c", 1));
    co_await redis().exec(Command("SET", "b", 1));
    const auto both = [&] {
      return heard.size() == 2;
    };
    co_await becomes(both, 2s);
    co_await redis().exec(Command("FLUSHDB"));
    const auto flushed = [&] {
      return all;
    };
    const bool told = co_await becomes(flushed, 2s);
    tasks_.cancel();
    co_await tasks_.join();

    EXPECT_EQ(heard, (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(told);
  });
}

}  // namespace
}  // namespace seendr::redis
