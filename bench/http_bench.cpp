// Measures the HTTP module alone, each part a process of its own:
//
//   http_bench serve PORT                       one thread; GET /hello answers JSON, /ws echoes
//   http_bench load PORT CONNECTIONS SECONDS    requests, one after the other on each connection
//   http_bench sockets PORT COUNT PID SECONDS   idle WebSockets; what they add to the memory of PID
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "http/client.hpp"
#include "http/server.hpp"
#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"

namespace seendr::http {
namespace {

using SteadyClock = std::chrono::steady_clock;

void report(const std::string& name, const std::exception_ptr& error) {
  std::fprintf(stderr, "%s: %s\n", name.c_str(), what(error).c_str());
}

ClientTarget server_at(std::uint16_t port) {
  ClientTarget target;
  target.port = port;
  return target;
}

awaitable<Response> hello(Request request) {
  boost::json::object body{{"hello", "world"}, {"request_id", request.request_id}};
  co_return json(200, body);
}

awaitable<UpgradeDecision> accept_all(Request) {
  co_return UpgradeDecision::accept({}, {});
}

awaitable<void> echo(std::shared_ptr<WebSocket> socket, std::any) {
  for (;;) {
    std::optional<std::string> message = co_await socket->read();
    if (!message) co_return;
    socket->send(std::move(*message));
  }
}

awaitable<void> serve(net::io_context& io, std::uint16_t port) {
  SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  const Env env{clock, random, Logger::silent(), metrics};
  Router router;
  router.add(Method::get, "/hello", hello);
  const WebSocketRoutes routes{{"/ws", accept_all, echo}};
  ConnectionCounts counts(raise_descriptor_limit(), 0);
  Listener listener(ListenOptions{"127.0.0.1", port, false});
  Server server(env, io.get_executor(), router, routes, ServerOptions(), counts);
  co_await server.run(listener.acceptor(io.get_executor()));
}

struct Load {
  SteadyClock::time_point end;
  std::vector<double> seconds;
};

awaitable<void> ask_until_the_end(std::uint16_t port, Load& load) {
  Client client = co_await Client::connect(server_at(port));
  while (SteadyClock::now() < load.end) {
    const auto start = SteadyClock::now();
    const ClientResponse response = co_await client.get("/hello");
    if (response.status != 200) std::abort();
    load.seconds.push_back(std::chrono::duration<double>(SteadyClock::now() - start).count());
  }
}

awaitable<void> put_load(net::io_context& io, std::uint16_t port, int connections, int seconds) {
  Load load{SteadyClock::now() + std::chrono::seconds(seconds), {}};
  TaskGroup tasks(io.get_executor(), report);
  for (int i = 0; i < connections; ++i) tasks.spawn("client", ask_until_the_end(port, load));
  co_await tasks.join();
  std::sort(load.seconds.begin(), load.seconds.end());
  const std::size_t count = load.seconds.size();
  if (count == 0) co_return;
  const auto quantile = [&](double q) {
    return load.seconds[static_cast<std::size_t>(q * static_cast<double>(count - 1))] * 1e3;
  };
  std::printf(
      "%zu requests on %d connections in %d s: %.0f/s; p50 %.2f ms, p99 %.2f ms, max %.2f ms\n",
      count, connections, seconds, static_cast<double>(count) / seconds, quantile(0.5),
      quantile(0.99), quantile(1));
}

// Private memory of a process in KiB, without what it maps from files.
long anonymous_kib(const std::string& pid) {
  std::ifstream status("/proc/" + pid + "/status");
  for (std::string word; status >> word;) {
    long value = 0;
    if (word == "RssAnon:" && status >> value) return value;
  }
  std::fprintf(stderr, "there is no process %s\n", pid.c_str());
  std::exit(1);
}

awaitable<void> stay_idle(std::uint16_t port, std::size_t& open) {
  auto outcome = co_await WebSocketClient::connect(server_at(port), std::string("/ws"), Headers(),
                                                   std::string());
  if (!outcome.socket) std::abort();
  ++open;
  const auto end = co_await outcome.socket->read();
  if (!end.text) --open;
}

awaitable<void> hold_sockets(net::io_context& io, std::uint16_t port, int count, std::string pid,
                             int seconds) {
  TaskGroup tasks(io.get_executor(), report);
  std::size_t open = 0;
  const long before = anonymous_kib(pid);
  for (int i = 0; i < count; ++i) {
    tasks.spawn("socket", stay_idle(port, open));
    if (i % 50 == 49) co_await sleep_for(Millis(20));
  }
  co_await sleep_for(Millis(2'000));
  const long after = anonymous_kib(pid);
  co_await sleep_for(std::chrono::seconds(seconds));
  const long later = anonymous_kib(pid);
  std::printf(
      "%zu sockets open: %ld KiB before, %ld KiB after, %ld KiB %d s later: %.2f KiB each\n", open,
      before, after, later, seconds, static_cast<double>(later - before) / count);
  std::exit(0);  // The kernel ends the sockets faster than we could.
}

}  // namespace
}  // namespace seendr::http

int main(int argc, char** argv) {
  using namespace seendr;
  const std::vector<std::string> args(argv + 1, argv + argc);
  const auto number = [&](std::size_t i) {
    return std::atoi(args[i].c_str());
  };
  net::io_context io(1);
  http::raise_descriptor_limit();
  const auto finish = [&io](const std::exception_ptr& error) {
    if (error) http::report("http_bench", error);
    io.stop();
  };
  if (args.size() == 2 && args[0] == "serve") {
    const auto port = static_cast<std::uint16_t>(number(1));
    net::co_spawn(io, http::serve(io, port), finish);
  } else if (args.size() == 4 && args[0] == "load") {
    const auto port = static_cast<std::uint16_t>(number(1));
    net::co_spawn(io, http::put_load(io, port, number(2), number(3)), finish);
  } else if (args.size() == 5 && args[0] == "sockets") {
    const auto port = static_cast<std::uint16_t>(number(1));
    net::co_spawn(io, http::hold_sockets(io, port, number(2), args[3], number(4)), finish);
  } else {
    std::fprintf(stderr, "see the beginning of bench/http_bench.cpp\n");
    return 2;
  }
  io.run();
}
