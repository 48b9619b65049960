// What an inbox holds, for how long, and what arrives when connections break.
#include <gtest/gtest.h>

#include "channels/layer.hpp"

#include "layer_host.hpp"

namespace seendr::channels {
namespace {

class LayerInboxTest : public LayerTest {};

TEST_F(LayerInboxTest, WhatIsOverCapacityIsTold) {
  run([&]() -> awaitable<void> {
    LayerOptions options;
    options.capacity = 2;
    Layer nobody_reads(env(), redis(), redis(), options);
    const std::string channel = nobody_reads.new_channel();
    co_await nobody_reads.group_add("g", channel);
    const Message message({{"type", "x"}});

    const bool first = co_await nobody_reads.send(channel, message);
    const bool second = co_await nobody_reads.send(channel, message);
    const bool third = co_await nobody_reads.send(channel, message);
    const SendResult group = co_await nobody_reads.group_send("g", message);

    EXPECT_TRUE(first);
    EXPECT_TRUE(second);
    EXPECT_FALSE(third);
    EXPECT_EQ(group.members, 1U);
    EXPECT_EQ(group.full, 1U);
  });
}

TEST_F(LayerInboxTest, AnInboxHoldsFifteenHundredMessagesForTenSeconds) {
  run([&]() -> awaitable<void> {
    Layer nobody_reads(env(), redis(), redis(), LayerOptions{});
    const std::string channel = nobody_reads.new_channel();
    const Message message({{"type", "x"}});

    std::size_t sent = 0;
    for (bool room = true; room && sent < 2000; sent += room ? 1 : 0) {
      room = co_await nobody_reads.send(channel, message);
    }

    EXPECT_EQ(sent, 1500U);
    const redis::Command ttl("PTTL", "asgi" + std::string(inbox_of(channel)));
    const redis::Reply left = co_await redis().exec(ttl);
    EXPECT_GT(left.as_int(), 0);
    EXPECT_LE(left.as_int(), 10'000);
    const std::string text = metrics().scrape();
    EXPECT_NE(text.find("seendr_channels_sent_total 1500"), std::string::npos);
    EXPECT_NE(text.find("seendr_channels_full_total 1\n"), std::string::npos);
  });
}

TEST_F(LayerInboxTest, WhatIsOlderThanTheExpiryMakesRoom) {
  run([&]() -> awaitable<void> {
    LayerOptions options;
    options.capacity = 1;
    Layer nobody_reads(env(), redis(), redis(), options);
    const std::string channel = nobody_reads.new_channel();
    const std::string inbox = "asgi" + std::string(inbox_of(channel));
    const std::int64_t old = env().clock.wall_ms() / 1000 - 11;
    const redis::Command add("ZADD", inbox, old, "an old message");
    co_await redis().exec(add);

    const Message message({{"type", "x"}});
    const bool sent = co_await nobody_reads.send(channel, message);

    EXPECT_TRUE(sent);
    const redis::Command count("ZCARD", inbox);
    const redis::Reply waiting = co_await redis().exec(count);
    EXPECT_EQ(waiting.as_int(), 1);
  });
}

TEST_F(LayerInboxTest, MessagesKeepTheirOrder) {
  redis::Client& inbox = another_client();
  run([&]() -> awaitable<void> {
    Host host(env(), io(), redis(), inbox);
    const std::string channel = host.layer.new_channel();
    for (int i = 0; i < 100; ++i) {
      Message message({{"type", "x"}, {"n", i}});
      co_await host.layer.send(channel, std::move(message));
    }
    const bool got = co_await receives(host, 100);

    EXPECT_TRUE(got);
    for (std::size_t i = 0; i < host.received.messages.size(); ++i) {
      EXPECT_EQ(host.received.messages[i].second["n"], i);
    }
    co_await host.stop();
  });
}

TEST_F(LayerInboxTest, AnUnreadableMessageIsDroppedAndTheNextOneArrives) {
  redis::Client& inbox = another_client();
  run([&]() -> awaitable<void> {
    Host host(env(), io(), redis(), inbox);
    const std::string channel = host.layer.new_channel();
    const std::string key = "asgi" + std::string(inbox_of(channel));
    const redis::Command garbage("ZADD", key, 1, "this is no message");
    co_await redis().exec(garbage);

    const Message message({{"type", "x"}});
    co_await host.layer.send(channel, message);
    const bool got = co_await receives(host, 1);

    EXPECT_TRUE(got);
    co_await host.stop();
  });
}

TEST_F(LayerInboxTest, WhatRedisStoredArrivesAfterRedisStartedAgain) {
  test::RedisServer durable({.durable = true, .arguments = {}});
  const auto there = [&durable](redis::ClientOptions& options) {
    options.url = durable.url();
  };
  redis::Client& commands = another_client(there);
  redis::Client& inbox = another_client(there);
  run([&]() -> awaitable<void> {
    LayerOptions options;
    options.expiry = std::chrono::seconds(600);
    Layer layer(env(), commands, inbox, options);
    const std::string channel = layer.new_channel();
    co_await layer.group_add("g", channel);
    const Message message({{"type", "x"}});
    for (int i = 0; i < 10; ++i) co_await layer.group_send("g", message);

    durable.restart();
    Received received;
    TaskGroup tasks(io().get_executor(), [](const std::string&, std::exception_ptr) {});
    tasks.spawn("layer", layer.run(received.sink()));
    std::function<bool()> all = [&received] {
      return received.messages.size() >= 10;
    };
    const bool got = co_await test::becomes(all, Millis(5000));

    EXPECT_TRUE(got) << received.messages.size();
    tasks.cancel();
    co_await tasks.join();
  });
}

}  // namespace
}  // namespace seendr::channels
