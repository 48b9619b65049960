#include "channels/layer.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "layer_host.hpp"

namespace seendr::channels {
namespace {

TEST_F(LayerTest, AGroupMessageReachesEveryMemberOnEveryProcess) {
  redis::Client& first_inbox = another_client();
  redis::Client& second_inbox = another_client();
  run([&]() -> awaitable<void> {
    Host first(env(), io(), redis(), first_inbox);
    Host second(env(), io(), redis(), second_inbox);
    const std::string a = first.layer.new_channel();
    const std::string b = first.layer.new_channel();
    const std::string c = second.layer.new_channel();
    co_await first.layer.group_add("room.1", a);
    co_await first.layer.group_add("room.1", b);
    co_await second.layer.group_add("room.1", c);

    const Message hello({{"type", "chat"}, {"text", "hello"}});
    const SendResult sent = co_await first.layer.group_send("room.1", hello);
    const bool first_got = co_await receives(first, 2);
    const bool second_got = co_await receives(second, 1);

    EXPECT_EQ(sent.members, 3U);
    EXPECT_EQ(sent.full, 0U);
    EXPECT_TRUE(first_got);
    EXPECT_TRUE(second_got);
    EXPECT_EQ(second.received.messages.at(0).first, c);
    EXPECT_EQ(second.received.messages.at(0).second, hello);
    co_await first.stop();
    co_await second.stop();
  });
}

TEST_F(LayerTest, NamesTheMembersOfAGroupAndTakesOthersOut) {
  redis::Client& inbox = another_client();
  redis::Client& gone_inbox = another_client();
  run([&]() -> awaitable<void> {
    Host host(env(), io(), redis(), inbox);
    const Layer gone(env(), redis(), gone_inbox, LayerOptions{});
    const std::string own = host.layer.channel("here");
    const std::string other = gone.channel("gone");
    EXPECT_TRUE(valid_channel(own));
    EXPECT_TRUE(own.ends_with("!here")) << own;
    co_await host.layer.group_add("g", own);
    co_await host.layer.group_add("g", other);

    std::vector<std::string> members = co_await host.layer.members("g");
    std::vector<std::string> both{own, other};
    std::sort(members.begin(), members.end());
    std::sort(both.begin(), both.end());
    EXPECT_EQ(members, both);

    co_await host.layer.group_discard("g", other);
    members = co_await host.layer.members("g");
    EXPECT_EQ(members, std::vector<std::string>(1, own));
    co_await host.stop();
  });
}

TEST_F(LayerTest, WhoLeftAGroupGetsNothing) {
  redis::Client& inbox = another_client();
  run([&]() -> awaitable<void> {
    Host host(env(), io(), redis(), inbox);
    const std::string channel = host.layer.new_channel();
    co_await host.layer.group_add("g", channel);
    co_await host.layer.group_discard("g", channel);

    const Message message({{"type", "x"}});
    const SendResult sent = co_await host.layer.group_send("g", message);

    EXPECT_EQ(sent.members, 0U);
    co_await host.stop();
  });
}

TEST_F(LayerTest, AMessageToOneChannelArrivesThereAlone) {
  redis::Client& inbox = another_client();
  run([&]() -> awaitable<void> {
    Host host(env(), io(), redis(), inbox);
    const std::string a = host.layer.new_channel();

    const Message message({{"type", "x"}});
    const bool delivered = co_await host.layer.send(a, message);
    const bool got = co_await receives(host, 1);

    EXPECT_TRUE(delivered);
    EXPECT_TRUE(got);
    EXPECT_EQ(host.received.messages.at(0).first, a);
    co_await host.stop();
  });
}

TEST_F(LayerTest, MembershipsAreThereAgainAfterRedisLostThem) {
  redis::Client& inbox = another_client();
  run([&]() -> awaitable<void> {
    Host host(env(), io(), redis(), inbox);
    const std::string channel = host.layer.new_channel();
    co_await host.layer.group_add("g", channel);
    server().restart();  // Without a durable file: everything is gone.
    std::function<bool()> connected = [this] {
      return redis().connections() >= 2;
    };
    const bool back = co_await test::becomes(connected, Millis(5000));
    EXPECT_TRUE(back);

    bool rejoined = false;
    for (int i = 0; i < 500 && !rejoined; ++i) {
      const redis::Command count("ZCARD", "asgi:group:g");
      const redis::Reply members = co_await redis().exec(count);
      rejoined = members.as_int() == 1;
      co_await sleep_for(Millis(10));
    }
    EXPECT_TRUE(rejoined);
    co_await host.stop();
  });
}

TEST_F(LayerTest, ClosingLeavesEveryGroupAndTheInbox) {
  run([&]() -> awaitable<void> {
    Layer layer(env(), redis(), redis(), LayerOptions{});
    const std::string channel = layer.new_channel();
    co_await layer.group_add("g", channel);
    const Message message({{"type", "x"}});
    co_await layer.send(channel, message);

    co_await layer.close();

    const redis::Command size("DBSIZE");
    const redis::Reply keys = co_await redis().exec(size);
    EXPECT_EQ(keys.as_int(), 0);
  });
}

TEST_F(LayerTest, AGroupWhoseMembersHereAreAllLocalStillReachesRemoteOnes) {
  redis::Client& first_inbox = another_client();
  redis::Client& second_inbox = another_client();
  run([&]() -> awaitable<void> {
    Host first(env(), io(), redis(), first_inbox);
    Host second(env(), io(), redis(), second_inbox);
    const std::string a = first.layer.new_channel();
    co_await first.layer.group_add("g", a);
    const Message message({{"type", "x"}});
    const SendResult before = co_await first.layer.group_send("g", message);
    const std::string b = second.layer.new_channel();
    co_await second.layer.group_add("g", b);

    const SendResult after = co_await first.layer.group_send("g", message);
    const bool got = co_await receives(second, 1);

    EXPECT_EQ(before.members, 1U);
    EXPECT_EQ(after.members, 2U);
    EXPECT_TRUE(got);
    co_await first.stop();
    co_await second.stop();
  });
}

TEST_F(LayerTest, AMembershipIsRenewedWhileTheProcessLives) {
  redis::Client& inbox = another_client();
  run([&]() -> awaitable<void> {
    LayerOptions options;
    options.rejoin = std::chrono::seconds(0);
    Host host(env(), io(), redis(), inbox, options);
    const std::string channel = host.layer.new_channel();
    co_await host.layer.group_add("g", channel);
    const redis::Command age("ZADD", "asgi:group:g", 1, channel);
    co_await redis().exec(age);
    const redis::Command forget("PERSIST", "asgi:group:g");
    co_await redis().exec(forget);

    const Message message({{"type", "x"}});
    co_await host.layer.send(channel, message);  // Wakes the loop, which finds the renewal due.
    double score = 1;
    for (int i = 0; i < 500 && score < 2; ++i) {
      const redis::Command look("ZSCORE", "asgi:group:g", channel);
      const redis::Reply reply = co_await redis().exec(look);
      score = std::stod(reply.text());
      co_await sleep_for(Millis(10));
    }
    const redis::Command ttl("TTL", "asgi:group:g");
    const redis::Reply left = co_await redis().exec(ttl);

    EXPECT_GT(score, 1.7e9);
    EXPECT_GT(left.as_int(), 86000);
    co_await host.stop();
  });
}

TEST_F(LayerTest, ManyMembershipsAreLeftInBatches) {
  run([&]() -> awaitable<void> {
    Layer layer(env(), redis(), redis(), LayerOptions{});
    const std::string channel = layer.new_channel();
    for (int i = 0; i < 1500; ++i) {
      co_await layer.group_add("g" + std::to_string(i), channel);
    }

    co_await layer.close();

    const redis::Command size("DBSIZE");
    const redis::Reply keys = co_await redis().exec(size);
    EXPECT_EQ(keys.as_int(), 0);
  });
}

}  // namespace
}  // namespace seendr::channels
