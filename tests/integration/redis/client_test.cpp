#include "redis/client.hpp"

#include "redis/connection.hpp"
#include "runtime/sleep.hpp"
#include "support/redis_test.hpp"

namespace seendr::redis {
namespace {

using namespace std::chrono_literals;
using test::becomes;
using test::failure_of;

class ClientTest : public test::RedisTest {
 protected:
};

TEST_F(ClientTest, SendsACommandAndReturnsItsReply) {
  run([this]() -> awaitable<void> {
    const Reply set = co_await redis().exec(Command("SET", "name", "ada"));
    const Reply get = co_await redis().exec(Command("GET", "name"));
    const Reply missing = co_await redis().exec(Command("GET", "nobody"));

    EXPECT_EQ(set.text(), "OK");
    EXPECT_EQ(get.text(), "ada");
    EXPECT_TRUE(missing.is_nil());
  });
}

TEST_F(ClientTest, LeavesNothingForTheEventLoopToWaitFor) {
  net::io_context loop;
  ClientOptions options;
  options.url = server().url();
  options.command_timeout = 60s;
  Client client(env(), loop.get_executor(), options);
  TaskGroup tasks(loop.get_executor(), [](const std::string& name, std::exception_ptr error) {
    ADD_FAILURE() << name << ": " << what(error);
  });
  const auto ask_and_leave = [&]() -> awaitable<void> {
    const Command ping("PING");
    const Reply pong = co_await client.exec(ping);
    EXPECT_EQ(pong.text(), "PONG");
    tasks.cancel();
    co_await tasks.join();
  };
  tasks.spawn("client", client.run());
  net::co_spawn(loop, ask_and_leave, [](std::exception_ptr error) { EXPECT_FALSE(error); });
  loop.run_for(5s);
  EXPECT_TRUE(loop.stopped()) << "a timer of the client is left";
}

awaitable<bool> echo(Client& client, int number) {
  const Reply reply = co_await client.exec(Command("ECHO", number));
  co_return reply.as_int() == number;
}

TEST_F(ClientTest, AnswersTenThousandCoroutinesInOrderOverOneConnection) {
  run([this]() -> awaitable<void> {
    std::vector<std::optional<bool>> right(10'000);
    for (int i = 0; i < 10'000; ++i) test::start(io(), echo(redis(), i), right[i]);

    const auto answered = [&] {
      return std::all_of(right.begin(), right.end(), [](const auto& r) { return r; });
    };
    const bool all = co_await becomes(answered, 8s);

    EXPECT_TRUE(all);
    EXPECT_TRUE(std::all_of(right.begin(), right.end(), [](const auto& r) { return r == true; }));
    EXPECT_EQ(redis().connections(), 1U);
  });
}

TEST_F(ClientTest, SendsAPipelineAtOnceAndReturnsEveryReply) {
  run([this]() -> awaitable<void> {
    Pipeline pipeline;
    for (int i = 0; i < 10'000; ++i) pipeline.add("INCR", "counter");
    pipeline.add("LPUSH", "counter", "x");
    pipeline.add("GET", "counter");
    const std::uint64_t before = redis().calls();

    const std::vector<Reply> replies = co_await redis().exec(std::move(pipeline));

    EXPECT_EQ(replies.size(), 10'002U);
    EXPECT_EQ(replies[9'999].as_int(), 10'000);
    EXPECT_TRUE(replies[10'000].is_error());
    EXPECT_EQ(replies[10'001].text(), "10000");
    EXPECT_EQ(redis().calls() - before, 10'002U);
  });
}

TEST_F(ClientTest, ReturnsNothingForAnEmptyPipeline) {
  run([this]() -> awaitable<void> {
    const std::vector<Reply> replies = co_await redis().exec(Pipeline());

    EXPECT_TRUE(replies.empty());
  });
}

TEST_F(ClientTest, CarriesBigValues) {
  run([this]() -> awaitable<void> {
    const std::string big(5'000'000, 'x');
    co_await redis().exec(Command("SET", "big", big));

    const Reply reply = co_await redis().exec(Command("GET", "big"));

    EXPECT_EQ(reply.text(), big);
  });
}

TEST_F(ClientTest, ThrowsAnErrorReplyWithItsKind) {
  run([this]() -> awaitable<void> {
    co_await redis().exec(Command("SET", "name", "ada"));
    std::string kind;
    try {
      co_await redis().exec(Command("LPUSH", "name", "x"));
    } catch (const ServerError& error) {
      kind = error.kind();
    }

    EXPECT_EQ(kind, "WRONGTYPE");
  });
}

TEST_F(ClientTest, TimesOutAndKeepsTheRepliesInOrder) {
  run([this]() -> awaitable<void> {
    co_await redis().exec(Command("SET", "name", "ada"));
    co_await another_client().exec(Command("CLIENT", "PAUSE", 200));

    const error_code late = co_await failure_of(redis().exec(Command("ECHO", "late"), 30ms));
    const Reply next = co_await redis().exec(Command("GET", "name"));

    EXPECT_EQ(late, Errc::timed_out);
    EXPECT_EQ(next.text(), "ada");
    EXPECT_EQ(redis().connections(), 1U);
  });
}

TEST_F(ClientTest, RefusesWhatIsBeyondTheQueueAtOnce) {
  run([this]() -> awaitable<void> {
    Client& small = another_client([](ClientOptions& options) { options.queue_limit = 10; });
    co_await small.wait_connected(2s);
    server().pause();
    std::vector<std::optional<bool>> right(10);
    for (int i = 0; i < 10; ++i) test::start(io(), echo(small, i), right[i]);

    const error_code refused = co_await failure_of(small.exec(Command("ECHO", "x")));
    server().resume();
    const auto answered = [&] {
      return right[9].has_value();
    };
    const bool all = co_await becomes(answered, 5s);
    const error_code later = co_await failure_of(small.exec(Command("ECHO", "x")));

    EXPECT_EQ(refused, Errc::overloaded);
    EXPECT_TRUE(all);
    EXPECT_FALSE(later);
  });
}

TEST_F(ClientTest, GivesUpAWaitingCommandWhenItsCoroutineIsCancelled) {
  run([this]() -> awaitable<void> {
    TaskGroup tasks(io().get_executor(), [](const std::string&, std::exception_ptr error) {
      ADD_FAILURE() << what(error);
    });
    Client& blocking = another_client();
    tasks.spawn("waiter", [](Client& client) -> awaitable<void> {
      co_await client.exec(Command("BLPOP", "empty", 0), 60s);
    }(blocking));
    const auto sent = [&] {
      return blocking.calls() == 1;
    };
    co_await becomes(sent, 2s);

    tasks.cancel();
    co_await tasks.join();

    EXPECT_EQ(tasks.size(), 0U);
  });
}

TEST_F(ClientTest, SelectsTheDatabaseOfTheUrl) {
  run([this]() -> awaitable<void> {
    Client& third = another_client([](ClientOptions& options) { options.url.db = 3; });
    co_await third.exec(Command("SET", "name", "ada"));

    const Reply here = co_await redis().exec(Command("GET", "name"));
    const Reply there = co_await third.exec(Command("GET", "name"));
    co_await third.exec(Command("FLUSHDB"));

    EXPECT_TRUE(here.is_nil());
    EXPECT_EQ(there.text(), "ada");
  });
}

TEST_F(ClientTest, NamesItsConnection) {
  run([this]() -> awaitable<void> {
    Client& named = another_client([](ClientOptions& options) { options.client_name = "ada"; });

    const Reply name = co_await named.exec(Command("CLIENT", "GETNAME"));

    EXPECT_EQ(name.text(), "ada");
  });
}

awaitable<void> write_mark(Connection& connection) {
  co_await connection.exec(Command("SET", "prepared", "yes"));
}

TEST_F(ClientTest, PreparesAConnectionBeforeAnyCommandIsSent) {
  run([this]() -> awaitable<void> {
    Client& prepared =
        another_client([](ClientOptions& options) { options.on_connect = &write_mark; });

    const Reply reply = co_await prepared.exec(Command("GET", "prepared"));

    EXPECT_EQ(reply.text(), "yes");
  });
}

TEST_F(ClientTest, MakesAConnectionAgainWhosePreparationFailed) {
  run([this]() -> awaitable<void> {
    int attempts = 0;
    Client& prepared = another_client([&attempts](ClientOptions& options) {
      options.on_connect = [&attempts](Connection&) -> awaitable<void> {
        if (++attempts < 3) throw system_error(make_error_code(Errc::bad_reply), "not yet");
        co_return;
      };
    });

    const Reply reply = co_await prepared.exec(Command("PING"));

    EXPECT_EQ(reply.text(), "PONG");
    EXPECT_EQ(attempts, 3);
    EXPECT_EQ(prepared.connections(), 1U);
  });
}

TEST_F(ClientTest, WaitsForABlockingCommandOnAClientOfItsOwn) {
  run([this]() -> awaitable<void> {
    Client& reader = another_client();
    std::optional<Reply> got;
    test::start(io(), reader.exec(Command("XREAD", "BLOCK", 5000, "STREAMS", "log", "$"), 6s), got);
    const auto sent = [&] {
      return reader.calls() == 1;
    };
    co_await becomes(sent, 2s);

    co_await redis().exec(Command("XADD", "log", "*", "event", "join"));
    const auto answered = [&] {
      return got.has_value();
    };
    co_await becomes(answered, 2s);

    EXPECT_EQ(got.value().as_array()[0].as_array()[0].text(), "log");
  });
}

TEST_F(ClientTest, FailsWhatWaitsWhenItIsStopped) {
  Client idle(env(), io().get_executor(), [this] {
    ClientOptions options;
    options.url = server().url();
    return options;
  }());
  TaskGroup tasks(io().get_executor(), [](const std::string&, std::exception_ptr) {});
  run([&]() -> awaitable<void> {
    tasks.spawn("client", idle.run());
    co_await idle.wait_connected(2s);
    std::optional<error_code> outcome;
    test::start(io(), failure_of(idle.exec(Command("BLPOP", "empty", 0))), outcome);
    const auto sent = [&] {
      return idle.calls() == 1;
    };
    co_await becomes(sent, 2s);

    tasks.cancel();
    co_await tasks.join();
    const auto answered = [&] {
      return outcome.has_value();
    };
    co_await becomes(answered, 2s);
    const error_code after = co_await failure_of(idle.exec(Command("PING")));

    EXPECT_EQ(outcome.value(), Errc::stopped);
    EXPECT_EQ(after, Errc::stopped);
    EXPECT_FALSE(idle.connected());
  });
}

TEST_F(ClientTest, CountsCommandsAndErrors) {
  run([this]() -> awaitable<void> {
    Client& counted = another_client([](ClientOptions& o) { o.client_name = "counted"; });
    co_await counted.exec(Command("PING"));
    co_await failure_of(counted.exec(Command("NOSUCHCOMMAND")));

    const std::string text = metrics().scrape();

    EXPECT_NE(text.find("seendr_redis_commands_total{client=\"counted\"} 2"), std::string::npos);
    EXPECT_NE(text.find("seendr_redis_errors_total{client=\"counted\",kind=\"server_error\"} 1"),
              std::string::npos);
    EXPECT_NE(text.find("seendr_redis_queue{client=\"counted\"} 0"), std::string::npos);
  });
}

}  // namespace
}  // namespace seendr::redis
