// The end of a server: what is under way is finished, within a limit.
#include "integration/http/raw_socket.hpp"
#include "integration/http/server_fixture.hpp"

namespace seendr::http {
namespace {

class DrainTest : public WebSocketTest {
 protected:
  DrainTest() {
    add_get("/hello", "world");
    add_echo("/echo");
    router.add(Method::get, "/slow", [this](Request) { return slow(); });
    options.websocket.close_timeout = 300ms;
  }

  bool is_running = false;
  bool may_end = false;

  awaitable<Response> slow() {
    is_running = true;
    while (!may_end) co_await sleep_for(1ms);
    co_return text(200, "done");
  }

  // Starts a drain that `tasks` owns, and lets it take its first steps.
  awaitable<void> start_drain(TaskGroup& tasks, Millis limit) {
    tasks.spawn("drain", server().drain(limit));
    co_await sleep_for(1ms);
  }

  static TaskGroup::OnFailure fail() {
    return [](const std::string&, std::exception_ptr error) {
      ADD_FAILURE() << what(error);
    };
  }
};

TEST_F(DrainTest, FinishesTheRequestInFlightAndEndsItsConnection) {
  run_server([this]() -> awaitable<void> {
    const Executor executor = co_await net::this_coro::executor;
    TaskGroup tasks(executor, fail());
    Client busy = co_await connect();
    co_await busy.send_raw("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    while (!is_running) co_await sleep_for(1ms);
    co_await start_drain(tasks, 5s);
    may_end = true;
    const ClientResponse response = co_await busy.read_response(false);
    const bool ended = co_await busy.at_end();
    co_await tasks.join();

    EXPECT_EQ(response.body, "done");
    EXPECT_EQ(response.headers.get("Connection"), "close");
    EXPECT_TRUE(ended);
    EXPECT_EQ(server().connections(), 0U);
  });
}

TEST_F(DrainTest, EndsIdleConnectionsAtOnceAndTakesNoNewOnes) {
  run_server([this]() -> awaitable<void> {
    Client idle = co_await connect();
    const ClientResponse before = co_await idle.get("/hello");
    const auto start = std::chrono::steady_clock::now();
    co_await server().drain(10s);
    const bool ended = co_await idle.at_end();
    error_code refused;
    try {
      Client late = co_await connect();
    } catch (const system_error& error) {
      refused = error.code();
    }

    EXPECT_EQ(before.status, 200);
    EXPECT_TRUE(ended);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
    EXPECT_EQ(refused, net::error::connection_refused);
  });
}

TEST_F(DrainTest, AnswersARequestThatHasArrivedHalf) {
  run_server([this]() -> awaitable<void> {
    const Executor executor = co_await net::this_coro::executor;
    TaskGroup tasks(executor, fail());
    Client client = co_await connect();
    const ClientResponse before = co_await client.get("/hello");
    EXPECT_EQ(before.status, 200);
    co_await client.send_raw(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    const ClientResponse interim = co_await client.read_response(true);
    EXPECT_EQ(interim.status, 100);  // Now the server waits for the body.
    co_await start_drain(tasks, 5s);
    co_await client.send_raw("[]");
    const ClientResponse response = co_await client.read_response(false);
    co_await tasks.join();

    EXPECT_EQ(response.body, "[]");
  });
}

TEST_F(DrainTest, ClosesWebSocketsWith1012AfterWhatIsQueued) {
  run_server([this]() -> awaitable<void> {
    const Executor executor = co_await net::this_coro::executor;
    TaskGroup tasks(executor, fail());
    const auto socket = co_await open();
    co_await socket->send("hello");
    const auto echo = co_await socket->read();
    for (const auto& one : server().websockets()) one->send("go away");
    co_await start_drain(tasks, 5s);
    const auto news = co_await socket->read();
    const auto end = co_await socket->read();
    co_await tasks.join();

    EXPECT_EQ(echo.text, "hello");
    EXPECT_EQ(news.text, "go away");
    EXPECT_EQ(end.close_code, close_code::restart);
  });
  EXPECT_EQ(server_code, close_code::restart);
}

TEST_F(DrainTest, CutsAfterTheLimitWhatDoesNotEnd) {
  options.websocket.close_timeout = 60s;
  run_server([this]() -> awaitable<void> {
    Client busy = co_await connect();
    co_await busy.send_raw("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    RawSocket silent = co_await RawSocket::upgrade(target().port);
    while (!is_running) co_await sleep_for(1ms);
    const auto start = std::chrono::steady_clock::now();
    co_await server().drain(100ms);

    EXPECT_EQ(server().connections(), 0U);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  });
}

TEST_F(DrainTest, StopAcceptingLeavesWhatIsConnectedAlone) {
  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    const auto socket = co_await open();
    server().stop_accepting();
    const ClientResponse response = co_await client.get("/hello");
    co_await socket->send("hello");
    const auto echo = co_await socket->read();

    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(echo.text, "hello");
  });
}

}  // namespace
}  // namespace seendr::http
