#include "channels/pubsub_layer.hpp"

#include <gtest/gtest.h>

#include "support/redis_test.hpp"

namespace seendr::channels {
namespace {

// A process of the layer: its receive loop under way, and what arrived.
class PubSubHost {
 public:
  PubSubHost(const Env& env, net::io_context& io, redis::Client& commands)
      : layer(env, commands, commands.options(), PubSubOptions{}),
        tasks_(io.get_executor(), [](const std::string& name, std::exception_ptr error) {
          ADD_FAILURE() << name << ": " << what(error);
        }) {
    tasks_.spawn("layer", layer.run([this](const std::string& channel, const Message& message) {
      messages.emplace_back(channel, message);
      if (on_message) on_message(channel);
    }));
  }

  awaitable<void> stop() {
    tasks_.cancel();
    co_await tasks_.join();
  }

  PubSubLayer layer;
  std::vector<std::pair<std::string, Message>> messages;
  std::function<void(const std::string& channel)> on_message;

 private:
  TaskGroup tasks_;
};

class PubSubLayerTest : public test::RedisTest {
 protected:
  awaitable<bool> receives(PubSubHost& host, std::size_t count) {
    std::function<bool()> enough = [&host, count] {
      return host.messages.size() >= count;
    };
    co_return co_await test::becomes(enough, Millis(5000));
  }

  awaitable<std::int64_t> listeners(std::string name) {
    const redis::Command ask("PUBSUB", "NUMSUB", name);
    const redis::Reply reply = co_await redis().exec(ask);
    co_return reply.as_array().at(1).as_int();
  }

  const Message message_{{"type", "x"}, {"text", "hello"}};
};

TEST_F(PubSubLayerTest, AGroupMessageReachesEveryMemberOnEveryProcess) {
  run([this]() -> awaitable<void> {
    PubSubHost first(env(), io(), redis());
    PubSubHost second(env(), io(), redis());
    const std::string a = co_await first.layer.new_channel();
    const std::string b = co_await first.layer.new_channel();
    const std::string c = co_await second.layer.new_channel();
    co_await first.layer.group_add("g", a);
    co_await first.layer.group_add("g", b);
    co_await second.layer.group_add("g", c);

    const std::size_t processes = co_await first.layer.group_send("g", message_);
    const bool first_got = co_await receives(first, 2);
    const bool second_got = co_await receives(second, 1);

    EXPECT_EQ(processes, 2U);
    EXPECT_TRUE(first_got);
    EXPECT_TRUE(second_got);
    EXPECT_EQ(second.messages.at(0).first, c);
    EXPECT_EQ(second.messages.at(0).second, message_);
    co_await first.stop();
    co_await second.stop();
  });
}

TEST_F(PubSubLayerTest,
       AMessageToOneChannelArrivesThereAloneAndTheSenderKnowsWhetherAnybodyListened) {
  run([this]() -> awaitable<void> {
    PubSubHost host(env(), io(), redis());
    const std::string a = co_await host.layer.new_channel();
    const std::string b = co_await host.layer.new_channel();

    const bool heard = co_await host.layer.send(a, message_);
    const bool unheard = co_await host.layer.send("asgispecific.nobody", message_);
    const bool got = co_await receives(host, 1);

    EXPECT_TRUE(heard);
    EXPECT_FALSE(unheard);
    EXPECT_TRUE(got);
    EXPECT_EQ(host.messages.at(0).first, a);
    EXPECT_NE(a, b);
    EXPECT_EQ(a.size(), 45U);
    EXPECT_TRUE(a.starts_with("asgispecific."));
    co_await host.stop();
  });
}

TEST_F(PubSubLayerTest, RedisForgetsAGroupWithItsLastMemberHere) {
  run([this]() -> awaitable<void> {
    PubSubHost host(env(), io(), redis());
    const std::string a = co_await host.layer.new_channel();
    const std::string b = co_await host.layer.new_channel();
    co_await host.layer.group_add("g", a);
    co_await host.layer.group_add("g", b);

    host.layer.group_discard("g", a);
    const std::string marker =
        co_await host.layer.new_channel();  // Confirmed after what went before.
    const std::int64_t one_left = co_await listeners("asgi__group__g");
    host.layer.remove_channel(b);
    const std::string second = co_await host.layer.new_channel();
    const std::int64_t none_left = co_await listeners("asgi__group__g");
    const std::int64_t channel_left = co_await listeners(b);

    EXPECT_EQ(one_left, 1);
    EXPECT_EQ(none_left, 0);
    EXPECT_EQ(channel_left, 0);
    co_await host.stop();
  });
}

TEST_F(PubSubLayerTest, AReceiverMayLeaveTheGroupWhileItIsToldOfAMessage) {
  run([this]() -> awaitable<void> {
    PubSubHost host(env(), io(), redis());
    for (int i = 0; i < 5; ++i) {
      const std::string channel = co_await host.layer.new_channel();
      co_await host.layer.group_add("g", channel);
    }
    host.on_message = [&host](const std::string& channel) {
      host.layer.remove_channel(channel);
    };

    co_await host.layer.group_send("g", message_);
    const bool got = co_await receives(host, 5);

    EXPECT_TRUE(got);
    co_await host.stop();
  });
}

TEST_F(PubSubLayerTest, ListensAgainAfterRedisStartedAgainAndCountsTheGap) {
  run([this]() -> awaitable<void> {
    PubSubHost host(env(), io(), redis());
    const std::string channel = co_await host.layer.new_channel();
    co_await host.layer.group_add("g", channel);
    server().restart();

    std::function<bool()> connected = [this] {
      return redis().connections() >= 2;
    };
    const bool back = co_await test::becomes(connected, Millis(5000));
    EXPECT_TRUE(back);
    std::int64_t heard = 0;
    for (int i = 0; i < 500 && heard == 0; ++i) {
      heard = co_await listeners("asgi__group__g");
      co_await sleep_for(Millis(10));
    }
    co_await host.layer.group_send("g", message_);
    const bool got = co_await receives(host, 1);

    EXPECT_TRUE(got);
    EXPECT_NE(metrics().scrape().find("seendr_channels_gaps_total 1"), std::string::npos);
    co_await host.stop();
  });
}

TEST_F(PubSubLayerTest, AnUnreadableMessageIsDroppedAndTheNextOneArrives) {
  run([this]() -> awaitable<void> {
    PubSubHost host(env(), io(), redis());
    const std::string channel = co_await host.layer.new_channel();
    const redis::Command garbage("PUBLISH", channel, "this is no message");
    co_await redis().exec(garbage);

    co_await host.layer.send(channel, message_);
    const bool got = co_await receives(host, 1);

    EXPECT_TRUE(got);
    co_await host.stop();
  });
}

}  // namespace
}  // namespace seendr::channels
