#include "http/connection.hpp"

#include <array>

#include "codec/crypto.hpp"
#include "codec/text.hpp"
#include "http/ascii.hpp"
#include "http/response_head.hpp"

namespace seendr::http {

namespace {

constexpr std::size_t kReadBytes = 4096;
constexpr std::size_t kJoinBytes =
    16 * 1024;  // Bodies up to here go out in one piece with the head.
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool is_json(std::string_view content_type) {
  const std::string_view type = trim(content_type.substr(0, content_type.find(';')));
  return same_word(type, "application/json") ||
         (type.size() > 5 && same_word(type.substr(type.size() - 5), "+json"));
}

std::int64_t now_us(const Clock& clock) {
  return std::chrono::duration_cast<std::chrono::microseconds>(clock.now().time_since_epoch())
      .count();
}

// What problem() needs to know of a request, for after the request has been handed on.
Request brief(const Request& request) {
  Request out;
  out.method = request.method;
  out.target = request.target;
  out.request_id = request.request_id;
  out.headers.add("Accept", std::string(request.headers.get("Accept")));
  return out;
}

Problem allow_only(int status, const std::string& allow) {
  return Problem{
      status, "method_not_allowed", "This method is not allowed here.", {{"Allow", allow}}};
}

// Asks the route; status 101 stands for yes.
awaitable<Response> decide_upgrade(const WebSocketRoute& route, UpgradeDecision& decision,
                                   Request request) {
  decision = co_await route.decide(std::move(request));
  if (decision.refusal) co_return std::move(*decision.refusal);
  co_return empty(101);
}

awaitable<Response> decide_admission(const Route& route, bool& is_admitted, Request request) {
  std::optional<Response> refusal = co_await route.options.admit(std::move(request));
  is_admitted = !refusal;
  if (refusal) co_return std::move(*refusal);
  co_return empty();
}

}  // namespace

Connection::Connection(ServerState& server, Transport transport, const net::ip::address& peer,
                       const AddressCount& address)
    : server_(server), transport_(std::move(transport)), peer_(peer), address_(address) {
  server_.live.push_back(*this);
}

void Connection::expire(std::int64_t now_ms) {
  has_timed_out_ = true;
  if (waits_for_ == Wait::write) return transport_->close();
  // Lost when it comes between two steps of one operation (TLS): then the next one is taken.
  constexpr std::int64_t kAgainMs = 500;
  transport_->cancel();
  server_.deadlines.set(*this, now_ms + kAgainMs);
}

void Connection::wait_for(Wait what, Millis limit) {
  waits_for_ = what;
  if (what == Wait::nothing) return server_.deadlines.clear(*this);
  server_.deadlines.set(*this, server_.deadlines.now_ms() + limit.count());
}

void Connection::hang_up() {
  if (waits_for_ == Wait::request) transport_->cancel();
}

void Connection::cut() {
  if (!upgrade_) transport_->close();
}

awaitable<std::unique_ptr<Upgrade>> Connection::run() {
  wait_for(Wait::request, server_.options.header_timeout);
  const error_code failed = co_await transport_->handshake_as_server();
  bool goes_on = !failed;
  while (goes_on && !server_.is_draining && !upgrade_) {
    RequestParser parser(server_.options.header_limit_bytes, server_.options.target_limit_bytes);
    goes_on = co_await serve(parser);
  }
  const bool is_stuck = has_timed_out_ && waits_for_ == Wait::write;
  wait_for(Wait::nothing, {});
  if (upgrade_) {
    upgrade_->transport.give_back(std::move(input_));
    co_return std::move(upgrade_);
  }
  const bool may_lose_words = owes_input_ || !input_.empty() || transport_->is_tls();
  if (!failed && !is_stuck && may_lose_words) {
    co_await transport_->finish();
  }
  transport_->close();
  co_return nullptr;
}

// False: the connection has ended, or a deadline has passed.
awaitable<bool> Connection::read_more() {
  const std::size_t have = input_.size();
  input_.resize(have + kReadBytes);
  const auto [error, count] = co_await transport_->async_read_some(
      net::buffer(input_.data() + have, kReadBytes), net::as_tuple(use_awaitable));
  input_.resize(have + count);
  co_return !error && !has_timed_out_;
}

awaitable<bool> Connection::read_head(RequestParser& parser) {
  if (input_.empty()) {
    wait_for(Wait::request, server_.options.idle_timeout);
    if (const bool more = co_await read_more(); !more) co_return false;
  }
  wait_for(Wait::headers, server_.options.header_timeout);
  while (!parser.has_head() && !parser.problem()) {
    const std::size_t taken = parser.put(input_);
    input_.erase(0, taken);
    if (parser.has_head() || parser.problem()) break;
    if (const bool more = co_await read_more(); !more) co_return false;
  }
  co_return true;
}

awaitable<bool> Connection::read_body(RequestParser& parser, std::size_t limit) {
  if (!parser.limit_body(limit)) co_return true;
  wait_for(Wait::body, server_.options.body_timeout);
  if (parser.head().expects_continue && input_.empty()) {
    const bool sent = co_await write(std::string(kContinue), std::string_view());
    if (!sent) co_return false;
    wait_for(Wait::body, server_.options.body_timeout);
  }
  while (!parser.is_done() && !parser.problem()) {
    const std::size_t taken = parser.put(input_);
    input_.erase(0, taken);
    if (taken > 0 || parser.is_done() || parser.problem()) continue;
    if (const bool more = co_await read_more(); !more) co_return false;
  }
  co_return true;
}

awaitable<bool> Connection::write(std::string bytes, std::string_view content) {
  wait_for(Wait::write, server_.options.write_timeout);
  if (content.size() <= kJoinBytes) {
    bytes.append(content);
    content = {};
  }
  const std::array<net::const_buffer, 2> buffers{net::buffer(bytes),
                                                 net::buffer(content.data(), content.size())};
  const auto [error, count] =
      co_await net::async_write(*transport_, buffers, net::as_tuple(use_awaitable));
  static_cast<void>(count);
  if (!has_timed_out_) wait_for(Wait::nothing, {});
  co_return !error && !has_timed_out_;
}

awaitable<bool> Connection::respond(const Request& request, Response response, bool keep_alive) {
  keep_alive = keep_alive && !server_.is_draining;
  const ResponseFrame frame{server_.date(), request.request_id, server_.options.headers, keep_alive,
                            is_http_1_0_};
  std::string head = make_head(response, frame);
  const bool has_content = request.method != Method::head && may_have_content(response.status);
  const std::string_view content = has_content ? response.content() : std::string_view();
  const bool sent = co_await write(std::move(head), content);

  const std::int64_t took_us = now_us(server_.env.clock) - started_us_;
  server_.probe.responded(request.method, response.status, static_cast<double>(took_us) / 1e6);
  server_.env.log.debug("request", "request_id", request.request_id, "method",
                        to_text(request.method), "target", request.target, "status",
                        response.status, "address", request.remote_address, "took_us", took_us);
  co_return sent&& keep_alive;
}

// Answers a request that was not read to its end: the connection cannot be used any more.
awaitable<bool> Connection::refuse(const Request& request, Problem refusal) {
  owes_input_ = true;
  Response response = problem(request, std::move(refusal));
  co_return co_await respond(request, std::move(response), false);
}

Request Connection::make_request(RequestHead head) {
  Request request;
  request.target = std::move(head.target.origin);
  request.path = std::move(head.target.path);
  request.query = std::move(head.target.query);
  request.headers = std::move(head.headers);
  request.host = std::move(head.host);
  Origin origin =
      find_origin(peer_, transport_->is_tls(), request.headers, server_.options.trusted_proxies);
  request.remote_address = std::move(origin.address);
  request.secure = origin.secure;
  const std::string_view id = request.headers.get("X-Request-Id");
  request.request_id =
      is_request_id(id) ? std::string(id) : to_hex(bytes(random_bytes(server_.env.random, 8)));
  return request;
}

const WebSocketRoute* Connection::find_websocket(const std::vector<std::string>& segments) const {
  for (const WebSocketRoute& route : server_.routes) {
    const std::vector<std::string_view> wanted = split_list(route.path, '/');
    if (std::equal(wanted.begin(), wanted.end(), segments.begin(), segments.end())) return &route;
  }
  return nullptr;
}

// Serves one request. False: the connection must end.
awaitable<bool> Connection::serve(RequestParser& parser) {
  const bool has_head = co_await read_head(parser);
  started_us_ = now_us(server_.env.clock);
  if (!has_head || parser.problem()) {
    const bool is_slow = has_timed_out_ && waits_for_ == Wait::headers;
    if (!parser.problem() && !is_slow) co_return false;
    has_timed_out_ = false;
    Problem late{408, "timeout", "The request headers took too long.", {}};
    const Request nothing = make_request(RequestHead());
    co_return co_await refuse(nothing, parser.problem().value_or(late));
  }
  const bool is_bare = !parser.head().has_body;
  const bool wants_upgrade = parser.head().wants_upgrade;
  const std::vector<std::string> segments = parser.head().target.segments;
  const std::optional<Method> method = parse_method(parser.head().method);
  is_http_1_0_ = !parser.head().is_http_1_1;
  Request request = make_request(parser.head());
  if (!method) {
    Problem unknown{501, "not_implemented", "This method is not implemented.", {}};
    co_return co_await refuse(request, std::move(unknown));
  }
  request.method = *method;

  const WebSocketRoute* websocket = find_websocket(segments);
  if (websocket && *method == Method::get && is_bare) {
    if (wants_upgrade) {
      co_return co_await try_upgrade(*websocket, std::move(request));
    }
    Problem plain{426, "upgrade_required", "This is a WebSocket.", {{"Upgrade", "websocket"}}};
    co_return co_await refuse(request, std::move(plain));
  }
  RouteMatch match = server_.router.find(*method, segments);
  if (websocket && !match.route) match.allow = "GET, OPTIONS";
  co_return co_await serve_route(parser, std::move(match), std::move(request));
}

awaitable<bool> Connection::serve_route(RequestParser& parser, RouteMatch match, Request request) {
  const bool keep_alive = parser.head().keeps_alive;
  const RouteOptions limits = match.route ? match.route->options : RouteOptions();
  if (match.route && parser.head().has_body && limits.json_body &&
      !is_json(request.headers.get("Content-Type"))) {
    Problem type{415, "bad_request", "The body must be application/json.", {}};
    co_return co_await refuse(request, std::move(type));
  }
  const bool announced = parser.head().content_length.value_or(0) > limits.body_limit_bytes;
  if (limits.admit && !announced) {
    Request asked = request;
    asked.params = match.params;
    std::optional<Response> refusal = co_await turn_away(*match.route, std::move(asked));
    if (refusal) {
      owes_input_ = parser.head().has_body;
      co_return co_await respond(request, std::move(*refusal), keep_alive && !owes_input_);
    }
  }
  const bool is_read = co_await read_body(parser, limits.body_limit_bytes);
  if (announced || parser.problem()) {
    Problem large{413, "too_large", "The body is too long.", {}};
    co_return co_await refuse(request, parser.problem().value_or(large));
  }
  if (!is_read) {
    if (!has_timed_out_ || waits_for_ != Wait::body) co_return false;
    has_timed_out_ = false;
    Problem late{408, "timeout", "The request body took too long.", {}};
    co_return co_await refuse(request, std::move(late));
  }
  wait_for(Wait::nothing, {});
  started_us_ = now_us(server_.env.clock);

  const Request asked = brief(request);
  Response response;
  if (match.route) {
    request.params = std::move(match.params);
    request.body = parser.take_body();
    response = co_await call(*match.route, std::move(request));
  } else if (asked.method == Method::options && (asked.target == "*" || !match.allow.empty())) {
    response = empty(204);
    response.headers.add("Allow", match.allow.empty()
                                      ? "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
                                      : match.allow);
  } else if (!match.allow.empty()) {
    response = problem(asked, allow_only(405, match.allow));
  } else {
    response = problem(asked, Problem{404, "not_found", "There is nothing here.", {}});
  }
  co_return co_await respond(asked, std::move(response), keep_alive);
}

// What the route answers without the body; nullopt: it wants it.
awaitable<std::optional<Response>> Connection::turn_away(const Route& route, Request request) {
  wait_for(Wait::nothing, {});
  bool is_admitted = false;
  Route gate{route.pattern, {}, {}};
  gate.handler = [&route, &is_admitted](Request r) {
    return decide_admission(route, is_admitted, std::move(r));
  };
  Response refusal = co_await call(gate, std::move(request));
  if (is_admitted) co_return std::nullopt;
  co_return std::move(refusal);
}

awaitable<Response> Connection::call(const Route& route, Request request) {
  const Request asked = brief(request);
  std::exception_ptr failure;
  try {
    co_return co_await route.handler(std::move(request));
  } catch (...) {
    failure = std::current_exception();
  }
  const net::cancellation_state state = co_await net::this_coro::cancellation_state;
  if (state.cancelled() != net::cancellation_type::none) std::rethrow_exception(failure);

  std::optional<Problem> told;
  try {
    std::rethrow_exception(failure);
  } catch (const system_error& error) {
    if (server_.options.map_error) told = server_.options.map_error(error);
  } catch (...) {
    // Told as what it is, a bug of ours.
  }
  if (!told) told = Problem{500, "internal", "Something went wrong on our side.", {}};
  server_.env.log.error("request_failed", "request_id", asked.request_id, "route", route.pattern,
                        "status", told->status, "error", what(failure));
  co_return problem(asked, std::move(*told));
}

awaitable<bool> Connection::try_upgrade(const WebSocketRoute& route, Request request) {
  const std::optional<std::string> key = from_base64(request.headers.get("Sec-WebSocket-Key"));
  if (request.headers.get("Sec-WebSocket-Version") != "13") {
    Problem version{426,
                    "bad_request",
                    "Only version 13 of the WebSocket protocol is spoken here.",
                    {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}}};
    co_return co_await refuse(request, std::move(version));
  }
  if (!key || key->size() != 16 || request.headers.count("Sec-WebSocket-Key") != 1) {
    Problem bad{400, "bad_request", "The Sec-WebSocket-Key is malformed.", {}};
    co_return co_await refuse(request, std::move(bad));
  }
  error_code bad_address;
  const net::ip::address client = net::ip::make_address(request.remote_address, bad_address);
  const bool is_proxied = server_.options.trusted_proxies.contains(peer_) && client != peer_;
  AddressCount own = is_proxied ? AddressCount(server_.counts, client) : AddressCount();
  if (own.is_over(1) || address_.is_over(1)) {
    server_.probe.refused("address");
    Problem many{
        429, "rate_limited", "Too many connections from this address.", {{"Retry-After", "10"}}};
    co_return co_await refuse(request, std::move(many));
  }

  wait_for(Wait::nothing, {});
  UpgradeDecision decision;
  Route decide{route.path, {}, {}};
  decide.handler = [&route, &decision](Request r) {
    return decide_upgrade(route, decision, std::move(r));
  };
  Response refusal = co_await call(decide, request);
  if (refusal.status != 101) {
    co_return co_await respond(request, std::move(refusal), true);
  }
  upgrade_ = std::make_unique<Upgrade>(Upgrade{std::move(*transport_), std::move(request), route,
                                               std::move(decision), std::move(own)});
  co_return false;
}

}  // namespace seendr::http
