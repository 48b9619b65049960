// The receive loop: nothing that Redis holds is lost or repeated however often a connection
// breaks, and messages arrive at once without anybody asking for them again and again.
#include <gtest/gtest.h>

#include "channels/layer.hpp"
#include "support/redis_gate.hpp"

#include "layer_host.hpp"

namespace seendr::channels {
namespace {

class LayerReconnectTest : public LayerTest {
 protected:
  redis::Client& inbox_client() {
    return another_client([](redis::ClientOptions& options) {
      options.client_name = "inbox";
      options.backoff = BackoffOptions{Millis(1), Millis(5)};
    });
  }

  // The same through a door of the test.
  redis::Client& inbox_client(const test::RedisGate& gate) {
    return another_client([&gate](redis::ClientOptions& options) {
      options.client_name = "inbox";
      options.url.path = redis::parse_url(gate.url())->path;
      options.backoff = BackoffOptions{Millis(1), Millis(5)};
    });
  }

  awaitable<void> send_number(Layer& layer, std::string channel, int n) {
    Message message = numbered(n);
    co_await layer.send(std::move(channel), std::move(message));
  }

  static Message numbered(int n) { return Message({{"type", "x"}, {"n", n}}); }

  // Whether messages 0 to count - 1 arrived, each once and in that order.
  static void expect_all(const Received& received, int count) {
    ASSERT_EQ(received.messages.size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(received.messages[static_cast<std::size_t>(i)].second["n"], i);
    }
  }

  // Puts a message into the inbox, and ends the connection that reads from it before Redis has
  // sent anything: all in one turn of Redis.
  awaitable<void> send_and_break(std::string channel, int n) {
    const std::vector<std::string> readers = co_await connections_named("inbox");
    const Envelope envelope{numbered(n), {channel}};
    redis::Pipeline turn;
    const std::string key = "asgi" + std::string(inbox_of(channel));
    turn.add("ZADD", key, n, encode(envelope, true, env().random));
    for (const std::string& id : readers) turn.add("CLIENT", "KILL", "ID", id);
    co_await redis().exec(std::move(turn));
  }
};

TEST_F(LayerReconnectTest, AMessageIsNotLostWithTheConnectionThatWasToldOfIt) {
  static constexpr int kMessages = 20;
  redis::Client& inbox = inbox_client();
  run([&]() -> awaitable<void> {
    Host host(env(), io(), redis(), inbox);
    const std::string channel = host.layer.new_channel();
    for (int i = 0; i < kMessages; ++i) {
      co_await inbox.wait_connected(Millis(5000));
      co_await send_and_break(channel, i);
      const bool got = co_await receives(host, static_cast<std::size_t>(i) + 1);
      EXPECT_TRUE(got) << i;
    }

    expect_all(host.received, kMessages);
    EXPECT_GT(inbox.connections(), static_cast<std::uint64_t>(kMessages) / 2);
    co_await host.stop();
  });
}

TEST_F(LayerReconnectTest, AMessageIsNotLostWithTheAnswerThatCarriedIt) {
  static constexpr int kMessages = 10;
  test::RedisGate gate(server().directory() / "gate", server().url().path);
  redis::Client& inbox = inbox_client(gate);
  run([&]() -> awaitable<void> {
    Host host(env(), io(), redis(), inbox);
    const std::string channel = host.layer.new_channel();
    for (int i = 0; i < kMessages; ++i) {
      co_await inbox.wait_connected(Millis(5000));
      gate.lose_answer("ZRANGE");
      co_await send_number(host.layer, channel, i);
      const bool got = co_await receives(host, static_cast<std::size_t>(i) + 1);
      EXPECT_TRUE(got) << i;
      if (!got) break;
    }

    expect_all(host.received, kMessages);
    EXPECT_GE(gate.lost(), kMessages - 1);
    co_await host.stop();
  });
}

// Who answers at once sends while the receiver is still reading.
TEST_F(LayerReconnectTest, AMessageArrivesAtOnceAlsoWhenItComesDuringARead) {
  static constexpr int kMessages = 1000;
  redis::Client& inbox = inbox_client();
  run(
      [&]() -> awaitable<void> {
        Layer layer(env(), redis(), inbox, LayerOptions{});
        TaskGroup tasks(io().get_executor(), [](const std::string& name, std::exception_ptr error) {
          ADD_FAILURE() << name << ": " << what(error);
        });
        int heard = 0;
        int late = 0;  // A look of the layer by itself comes once a second.
        auto last = std::chrono::steady_clock::now();
        const auto answer = [&](const std::string& channel, const Message&) {
          const auto before = std::exchange(last, std::chrono::steady_clock::now());
          if (last - before >= Millis(900)) ++late;
          if (++heard < kMessages) tasks.spawn("answer", send_number(layer, channel, heard));
        };
        tasks.spawn("layer", layer.run(answer));
        co_await send_number(layer, layer.new_channel(), 0);
        const auto all = [&heard] {
          return heard == kMessages;
        };
        const bool got = co_await test::becomes(all, Millis(50'000));

        EXPECT_TRUE(got) << heard;
        EXPECT_LE(late, 1);  // Or a very busy machine.
        tasks.cancel();
        co_await tasks.join();
      },
      std::chrono::seconds(60));
}

TEST_F(LayerReconnectTest, EveryMessageArrivesOnceAndInOrderHoweverOftenConnectionsBreak) {
  static constexpr int kMessages = 400;
  static constexpr int kEvery = 10;  // Messages between two breaks.
  redis::Client& inbox = inbox_client();
  run([&]() -> awaitable<void> {
    Host host(env(), io(), redis(), inbox);
    const std::string channel = host.layer.new_channel();
    co_await inbox.wait_connected(Millis(5000));
    for (int i = 0; i < kMessages; ++i) {
      Message message = numbered(i);
      co_await host.layer.send(channel, std::move(message));
      if (i % kEvery == 0) {
        const std::string which = i % (3 * kEvery) == 0 ? "inbox-tracking" : "inbox";
        co_await break_connection(which);
      }
    }
    const bool got = co_await receives(host, kMessages);
    const bool empty = co_await empties(channel);

    EXPECT_TRUE(got);
    EXPECT_TRUE(empty);
    expect_all(host.received, kMessages);
    EXPECT_GT(inbox.connections(), 3U);
    co_await host.stop();
  });
}

TEST_F(LayerReconnectTest, AMessageArrivesAtOnceAlsoAfterAConnectionBroke) {
  static constexpr int kTurns = 20;
  redis::Client& inbox = inbox_client();
  run(
      [&]() -> awaitable<void> {
        Host host(env(), io(), redis(), inbox);
        const std::string channel = host.layer.new_channel();
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < kTurns; ++i) {
          const std::string which = i % 2 == 0 ? "inbox-tracking" : "inbox";
          co_await break_connection(which);
          for (int n = 2 * i; n < 2 * i + 2; ++n) {
            Message message = numbered(n);
            co_await host.layer.send(channel, std::move(message));
            const bool got = co_await receives(host, static_cast<std::size_t>(n) + 1);
            EXPECT_TRUE(got) << n;
          }
        }

        // A look of the layer by itself comes once a second.
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(kTurns / 4));
        co_await host.stop();
      },
      std::chrono::seconds(60));
}

TEST_F(LayerReconnectTest, AnIdleInboxIsLookedAtOnceASecond) {
  redis::Client& inbox = inbox_client();
  run([&]() -> awaitable<void> {
    Host host(env(), io(), redis(), inbox);
    const std::string channel = host.layer.new_channel();
    Message message = numbered(0);
    co_await host.layer.send(channel, std::move(message));
    const bool got = co_await receives(host, 1);
    const bool empty = co_await empties(channel);

    const std::uint64_t before = inbox.calls();
    co_await sleep_for(Millis(1500));

    EXPECT_TRUE(got);
    EXPECT_TRUE(empty);
    EXPECT_GE(inbox.calls() - before, 1U);
    EXPECT_LE(inbox.calls() - before, 4U);  // The last read may have been under way.
    co_await host.stop();
  });
}

TEST_F(LayerReconnectTest, MessagesComeAlsoWhenRedisRefusesToTellOfChanges) {
  redis::Client& inbox = another_client([](redis::ClientOptions& options) {
    options.client_name = "inbox";
    options.url.user = "plain";
    options.url.password = "secret";
  });
  run([&]() -> awaitable<void> {
    const redis::Command user("ACL", "SETUSER", "plain", "on", ">secret", "~*", "&*", "+@all",
                              "-client|tracking");
    co_await redis().exec(user);
    Host host(env(), io(), redis(), inbox);
    const std::string channel = host.layer.new_channel();
    for (int i = 0; i < 2; ++i) {
      Message message = numbered(i);
      co_await host.layer.send(channel, std::move(message));
      const bool got = co_await receives(host, static_cast<std::size_t>(i) + 1);
      EXPECT_TRUE(got) << i;
    }
    const redis::Command forget("ACL", "DELUSER", "plain");
    co_await host.stop();
    co_await redis().exec(forget);
  });
}

}  // namespace
}  // namespace seendr::channels
