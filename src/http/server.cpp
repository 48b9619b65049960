#include "http/server.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <vector>

#include "http/connection.hpp"
#include "http/server_state.hpp"
#include "http/websocket_session.hpp"
#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"

#include <sys/socket.h>

namespace seendr::http {

namespace {

constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nContent-Length: 0\r\nConnection: "
    "close\r\n\r\n";
constexpr std::string_view kTooMany =
    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 10\r\nContent-Length: 0\r\nConnection: "
    "close\r\n\r\n";

// Says one thing without waiting for anything, and closes. `answer`: empty under TLS, where plain
// text means nothing.
void turn_away(TcpSocket socket, std::string_view answer) {
  static_cast<void>(
      ::send(socket.native_handle(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  error_code ignored;
  socket.shutdown(net::socket_base::shutdown_send, ignored);
  socket.close(ignored);
}

// A descriptor kept for the moment when there is none left: without it a connection that cannot be
// accepted stays in the queue, and the accept loop would spin.
class SpareDescriptor {
 public:
  SpareDescriptor() : descriptor_(open_one()) {}
  ~SpareDescriptor() { close_one(); }
  SpareDescriptor(const SpareDescriptor&) = delete;
  SpareDescriptor& operator=(const SpareDescriptor&) = delete;

  // Accepts one connection in its place and closes it. False: nobody was waiting.
  bool turn_one_away(int listening) {
    close_one();
    const int accepted = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted >= 0) ::close(accepted);
    descriptor_ = open_one();
    return accepted >= 0;
  }

 private:
  static int open_one() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
  void close_one() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  int descriptor_;
};

// One connection's place among all.
class TotalCount {
 public:
  explicit TotalCount(ServerState& server) : server_(&server) { server.probe.connected(1); }
  TotalCount(TotalCount&& other) noexcept : server_(std::exchange(other.server_, nullptr)) {}
  TotalCount& operator=(TotalCount&&) = delete;
  ~TotalCount() {
    if (!server_) return;
    server_->probe.connected(-1);
    server_->counts.leave();
  }

 private:
  ServerState* server_;
};

awaitable<void> serve_websocket(ServerState& server, std::unique_ptr<Upgrade> upgrade) {
  const WebSocketRoute& route = upgrade->route;
  const AddressCount address = std::move(upgrade->address);
  std::any context = std::move(upgrade->decision.context);
  const auto session = std::make_shared<WebSocketSession>(
      server, std::move(upgrade->transport), upgrade->request, upgrade->decision.subprotocol);
  const bool is_open = co_await session->open(std::move(upgrade->request));
  upgrade.reset();
  if (!is_open) co_return;
  server.probe.upgraded(1);
  if (server.is_draining) session->hang_up();
  std::exception_ptr failure;
  try {
    co_await route.serve(session, std::move(context));
    co_await session->finish();
  } catch (...) {
    failure = std::current_exception();
  }
  server.probe.upgraded(-1);
  if (failure) {
    if (!is_cancellation(failure)) {
      server.env.log.error("websocket_failed", "request_id", session->request_id(), "error",
                           what(failure));
      constexpr std::uint16_t kInternalError = 1011;
      session->close(kInternalError, "internal error");
      co_await session->finish();
    }
    session->cut();
  }
}

awaitable<void> serve_connection(ServerState& server, TcpSocket socket, net::ip::address peer,
                                 TotalCount, AddressCount address) {
  auto connection = std::make_unique<Connection>(
      server, Transport(std::move(socket), server.options.tls), peer, address);
  std::unique_ptr<Upgrade> upgrade = co_await connection->run();
  connection.reset();  // A WebSocket lives long: it must not keep the buffers of HTTP.
  if (upgrade) {
    co_await serve_websocket(server, std::move(upgrade));
  }
}

awaitable<void> tick(ServerState& server) {
  for (;;) {
    co_await sleep_for(Millis(Deadlines::kSlotMs));
    server.deadlines.advance(server.env.clock.now_ms());
  }
}

// The list may change under the loop; what it points to lives until its coroutine runs again.
std::vector<Live*> everybody(ServerState::LiveList& live) {
  std::vector<Live*> all;
  for (Live& one : live) all.push_back(&one);
  return all;
}

}  // namespace

struct Server::State : ServerState {
  State(const Env& e, Executor x, const Router& r, const WebSocketRoutes& w, ServerOptions o,
        ConnectionCounts& c)
      : ServerState(e, x, r, w, std::move(o), c),
        tasks(x,
              [this](const std::string& name, std::exception_ptr error) { failed(name, error); }),
        ticker(x,
               [this](const std::string& name, std::exception_ptr error) { failed(name, error); }) {
  }

  void failed(const std::string& name, const std::exception_ptr& error) {
    env.log.error("task_failed", "task", name, "error", what(error));
  }

  void admit(TcpSocket socket);
  awaitable<void> accept_all();

  TaskGroup tasks;   // One a connection.
  TaskGroup ticker;  // Outlives the connections: their deadlines hang on it.
  std::optional<Acceptor> acceptor;
  SpareDescriptor spare;
};

void Server::State::admit(TcpSocket socket) {
  error_code gone;
  const tcp::endpoint peer = socket.remote_endpoint(gone);
  if (gone) return;
  if (!counts.enter()) {
    probe.refused("full");
    return turn_away(std::move(socket), options.tls ? std::string_view() : kFull);
  }
  TotalCount total(*this);
  // A proxy's own connections say nothing about the people behind it.
  AddressCount address = options.trusted_proxies.contains(peer.address())
                             ? AddressCount()
                             : AddressCount(counts, peer.address());
  if (address.is_over(2)) {
    probe.refused("address");
    return turn_away(std::move(socket), options.tls ? std::string_view() : kTooMany);
  }
  tasks.spawn("http", serve_connection(*this, std::move(socket), peer.address(), std::move(total),
                                       std::move(address)));
}

awaitable<void> Server::State::accept_all() {
  // Without descriptors accept() fails before it looks whether anybody waits: it must not be asked
  // again until somebody does.
  bool is_short = false;
  while (acceptor && acceptor->is_open()) {
    if (is_short) {
      const auto [failed] =
          co_await acceptor->async_wait(Acceptor::wait_read, net::as_tuple(use_awaitable));
      if (failed) co_return;
    }
    is_short = false;
    auto [error, socket] = co_await acceptor->async_accept(net::as_tuple(use_awaitable));
    if (!error) {
      admit(std::move(socket));
    } else if (error == net::error::operation_aborted) {
      co_return;
    } else if (error == boost::system::errc::too_many_files_open ||
               error == boost::system::errc::too_many_files_open_in_system) {
      is_short = true;
      if (!spare.turn_one_away(acceptor->native_handle())) continue;
      env.log.warn("accept_failed", "error", error.message());
      probe.refused("descriptors");
    } else {
      env.log.debug("accept_failed", "error", error.message());  // Gone before it was accepted.
    }
  }
}

Server::Server(const Env& env, Executor executor, const Router& router,
               const WebSocketRoutes& routes, ServerOptions options, ConnectionCounts& counts)
    : state_(std::make_unique<State>(env, executor, router, routes, std::move(options), counts)) {}

Server::~Server() = default;

awaitable<void> Server::run(Acceptor acceptor) {
  co_await net::this_coro::throw_if_cancelled(false);  // There is something to clean up.
  state_->acceptor.emplace(std::move(acceptor));
  state_->acceptor->non_blocking(true);
  state_->deadlines.advance(state_->env.clock.now_ms());
  state_->ticker.spawn("deadlines", tick(*state_));
  co_await state_->accept_all();
  const net::cancellation_state cancelled = co_await net::this_coro::cancellation_state;
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  stop_accepting();
  if (cancelled.cancelled() != net::cancellation_type::none) state_->tasks.cancel();
  co_await state_->tasks.join();
  state_->ticker.cancel();
  co_await state_->ticker.join();
}

void Server::stop_accepting() {
  if (!state_->acceptor) return;
  error_code ignored;
  state_->acceptor->close(ignored);
}

awaitable<void> Server::drain(Millis limit) {
  stop_accepting();
  state_->is_draining = true;
  for (Live* one : everybody(state_->live)) one->hang_up();

  constexpr Millis kStep{20};
  for (Millis waited{0}; waited < limit && state_->tasks.size() > 0; waited += kStep) {
    co_await sleep_for(kStep);
  }
  cut();
  co_await state_->tasks.join();
}

void Server::cut() {
  state_->tasks.cancel();
  for (Live* one : everybody(state_->live)) one->cut();
}

std::vector<std::shared_ptr<WebSocket>> Server::websockets() const {
  std::vector<std::shared_ptr<WebSocket>> sockets;
  for (Live& one : state_->live) {
    if (WebSocket* socket = one.as_websocket()) {
      sockets.push_back(static_cast<WebSocketSession*>(socket)->shared_from_this());
    }
  }
  return sockets;
}

std::size_t Server::connections() const {
  return state_->tasks.size();
}

}  // namespace seendr::http
