#include "channels/layer.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "support/redis_test.hpp"

namespace seendr::channels {
namespace {

struct Received {
  std::vector<std::pair<std::string, Message>> messages;

  Layer::OnMessage sink() {
    return [this](const std::string& channel, const Message& message) {
      messages.emplace_back(channel, message);
    };
  }
};

// A process of the channel layer: its layer, and the receive loop under way.
class Host {
 public:
  Host(const Env& env, net::io_context& io, redis::Client& commands, redis::Client& blocking,
       LayerOptions options = {})
      : layer(env, commands, blocking, std::move(options)),
        tasks_(io.get_executor(), [](const std::string& name, std::exception_ptr error) {
          ADD_FAILURE() << name << ": " << what(error);
        }) {
    tasks_.spawn("layer", layer.run(received.sink()));
  }

  awaitable<void> stop() {
    tasks_.cancel();
    co_await tasks_.join();
  }

  Layer layer;
  Received received;

 private:
  TaskGroup tasks_;
};

class LayerTest : public test::RedisTest {
 protected:
  awaitable<bool> receives(Host& host, std::size_t count) {
    std::function<bool()> enough = [&host, count] {
      return host.received.messages.size() >= count;
    };
    co_return co_await test::becomes(enough, Millis(5000));
  }

  // Ends the connections of that name from Redis' side.
  awaitable<void> break_connection(std::string name) {
    const redis::Command list("CLIENT", "LIST");
    const redis::Reply reply = co_await redis().exec(list);
    std::istringstream lines(reply.text());
    for (std::string line; std::getline(lines, line);) {
      if (line.find(" name=" + name + " ") == std::string::npos) continue;
      const std::string id = line.substr(3, line.find(' ') - 3);  // "id=7 ..."
      const redis::Command kill("CLIENT", "KILL", "ID", id);
      co_await redis().exec(kill);
    }
  }
};

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

TEST_F(LayerTest, WhatIsOverCapacityIsTold) {
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

TEST_F(LayerTest, AnInboxHoldsFifteenHundredMessagesForTenSeconds) {
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

TEST_F(LayerTest, WhatIsOlderThanTheExpiryMakesRoom) {
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

TEST_F(LayerTest, MessagesKeepTheirOrder) {
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

TEST_F(LayerTest, AnUnreadableMessageIsDroppedAndTheNextOneArrives) {
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

TEST_F(LayerTest, WhatRedisHoldsArrivesOnceAndInOrderHoweverOftenTheConnectionBreaks) {
  constexpr int kMessages = 400;
  redis::Client& inbox = another_client([](redis::ClientOptions& options) {
    options.client_name = "inbox";
    options.backoff = BackoffOptions{Millis(1), Millis(5)};
  });
  run([&]() -> awaitable<void> {
    Host host(env(), io(), redis(), inbox);
    const std::string channel = host.layer.new_channel();
    co_await inbox.wait_connected(Millis(5000));
    for (int i = 0; i < kMessages; ++i) {
      const Message message({{"type", "x"}, {"n", i}});
      co_await host.layer.send(channel, message);
      if (i % 20 == 0) co_await break_connection("inbox");
    }
    const bool got = co_await receives(host, kMessages);

    EXPECT_TRUE(got) << host.received.messages.size();
    for (std::size_t i = 0; i < host.received.messages.size(); ++i) {
      EXPECT_EQ(host.received.messages[i].second["n"], i);
    }
    EXPECT_GT(inbox.connections(), 3U);
    co_await host.stop();
  });
}

TEST_F(LayerTest, WhatRedisStoredArrivesAfterRedisStartedAgain) {
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
