#include "app/socket/user_session.hpp"

#include <algorithm>

#include "app/socket/close_codes.hpp"
#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

constexpr std::string_view kProtocol = "seendr.v1";

constexpr int kFloodFactor = 10;  // Refused frames, in limits, after which a socket is closed.

http::UpgradeDecision refusal(const http::Request& request, int status, std::string code,
                              std::string message) {
  return http::UpgradeDecision::refuse(
      http::problem(request, http::Problem{status, std::move(code), std::move(message)}));
}

json::object rate_limited(std::int64_t wait_ms) {
  json::object frame = error_frame("rate_limited", "Too many frames; wait a moment.", true);
  frame["retry_after_ms"] = wait_ms;
  return frame;
}

}  // namespace

UserSessions::Place::~Place() {
  if (!left) hub.abandon(std::move(socket), user);
}

UserSessions::UserSessions(const Env& env, auth::Sessions& sessions, auth::Tickets& tickets,
                           DjangoPeople* django, Users& users, Hub& hub, const OriginRules& origins,
                           UserSessionOptions options)
    : env_(env),
      sessions_(sessions),
      tickets_(tickets),
      django_(django),
      users_(users),
      hub_(hub),
      origins_(origins),
      options_(options),
      watch_(env, sessions, django, options.session_check) {}

awaitable<http::UpgradeDecision> UserSessions::decide(http::Request request) {
  if (!origins_.may_upgrade(request)) {
    co_return refusal(request, 403, "forbidden", "This origin may not open a socket.");
  }
  Opening opening;
  const std::vector<std::string> offered = http::offered_subprotocols(request);
  const bool v1 = std::find(offered.begin(), offered.end(), kProtocol) != offered.end();
  opening.profile = v1 ? Profile::v1 : Profile::article;
  opening.connection = request.request_id;
  std::string session_id(request.cookie("sessionid").value_or(""));
  std::string ticket(request.query_value("ticket").value_or(""));
  opening.session = co_await identify(std::move(session_id), std::move(ticket));
  if (v1) {
    std::any context(std::move(opening));
    co_return http::UpgradeDecision::accept(std::string(kProtocol), std::move(context));
  }
  if (opening.session) {
    opening.account = co_await users_.load(opening.session->user);
  }
  if (!opening.account) co_return refusal(request, 403, "unauthorized", "Sign in first.");
  if (opening.account->banned) co_return refusal(request, 403, "banned", "This account is banned.");
  // In the pool before the client knows that it is connected, as the article's consumer does it.
  opening.place = co_await take_place(opening, "");
  std::any context(std::move(opening));
  co_return http::UpgradeDecision::accept("", std::move(context));
}

awaitable<UserSessions::PlacePtr> UserSessions::take_place(Opening& opening,
                                                           std::string resume_token) {
  const Executor executor = co_await net::this_coro::executor;
  const UserId user = opening.account->user.id;
  auto socket =
      std::make_shared<Socket>(next_socket_id(), opening.profile, opening.session->hash, executor);
  socket->connection = opening.connection;
  socket->hello_id = opening.hello_id;
  auto place = std::make_shared<Place>(hub_, socket, user);
  place->attached = co_await call_on(
      hub_.executor(),
      hub_.attach(std::move(socket), std::move(*opening.account), std::move(resume_token)));
  co_return place;
}

awaitable<std::optional<auth::Session>> UserSessions::identify(std::string session_id,
                                                               std::string ticket) {
  if (django_ && auth::is_django_key(session_id)) {
    std::optional<auth::Session> known = co_await django_->resume(std::move(session_id));
    if (known) co_return known;
  } else if (!session_id.empty()) {
    SessionId id{std::move(session_id)};
    std::optional<auth::Session> session = co_await sessions_.resume(std::move(id));
    if (session) co_return session;
  }
  if (ticket.empty()) co_return std::nullopt;
  co_return co_await redeem(std::move(ticket));
}

awaitable<std::optional<auth::Session>> UserSessions::redeem(std::string ticket) {
  TicketId id{std::move(ticket)};
  std::optional<auth::Session> session = co_await tickets_.redeem(std::move(id));
  if (!session) co_return std::nullopt;
  if (!session->django_key.empty()) {
    if (!django_) co_return std::nullopt;
    co_return co_await django_->resume(std::move(session->django_key));
  }
  const bool alive = co_await sessions_.alive(session->hash);
  if (!alive) co_return std::nullopt;
  co_return session;
}

awaitable<std::optional<std::string>> UserSessions::greet(
    std::shared_ptr<http::WebSocket> websocket, Opening& opening) {
  const Executor executor = co_await net::this_coro::executor;
  Timer limit(executor, options_.hello);
  limit.async_wait([weak = std::weak_ptr(websocket)](error_code error) {
    const auto late = weak.lock();
    if (!error && late) late->close(close_code::bad_protocol, "the first frame, hello, is late");
  });
  const std::optional<std::string> frame = co_await websocket->read();
  limit.cancel();
  if (!frame) co_return std::nullopt;  // Gone, or closed.
  const auto parsed = parse_action(*frame, Profile::v1);
  const Action* first = std::get_if<Action>(&parsed);
  const auto* hello = first ? std::get_if<action::Hello>(&first->what) : nullptr;
  if (!hello) {
    websocket->close(close_code::bad_protocol, "the first frame is hello");
    co_return std::nullopt;
  }
  opening.hello_id = first->id;
  if (!opening.session && !hello->token.empty()) {
    opening.session = co_await redeem(hello->token);
  }
  if (opening.session) {
    opening.account = co_await users_.load(opening.session->user);
  }
  if (!opening.account) {
    websocket->close(close_code::unauthorized, "sign in first");
    co_return std::nullopt;
  }
  if (opening.account->banned) {
    websocket->close(close_code::banned, "banned");
    co_return std::nullopt;
  }
  co_return hello->resume_token;
}

awaitable<void> UserSessions::serve(std::shared_ptr<http::WebSocket> websocket, std::any context) {
  Opening opening = std::any_cast<Opening>(std::move(context));
  std::string resume_token;
  std::exception_ptr failure;
  if (opening.profile == Profile::v1) {
    std::optional<std::string> greeted;
    try {
      greeted = co_await greet(websocket, opening);
    } catch (const std::exception&) {
      failure = std::current_exception();
    }
    if (failure) {
      if (is_cancellation(failure)) std::rethrow_exception(failure);
      env_.log.warn("sign_in_failed", "connection", websocket->request_id(), "error",
                    what(failure));
      websocket->close(close_code::overloaded, "try again");
      co_return;
    }
    if (!greeted) co_return;
    resume_token = std::move(*greeted);
  }
  if (!opening.place) {
    opening.place = co_await take_place(opening, std::move(resume_token));
  }
  const PlacePtr place = std::move(opening.place);
  if (place->attached == Attached::too_many) {
    websocket->close(close_code::too_many_connections, "too many connections of this user");
    co_return;
  }
  if (place->attached == Attached::stopping) {
    websocket->close(http::close_code::restart, "restart");
    co_return;
  }
  env_.log.debug("socket_open", "connection", websocket->request_id(), "user", place->user.text());
  watch_.add(place->socket->id, websocket, std::move(*opening.session));
  try {
    place->socket->open(websocket);
    co_await converse(websocket, place->socket, place->user);
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  watch_.remove(place->socket->id);
  // Also when this loop is being cancelled: the hub must not keep a socket that is gone.
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  place->left = true;
  co_await call_on(hub_.executor(), hub_.detach(place->socket, place->user));
  env_.log.debug("socket_closed", "connection", websocket->request_id(), "code",
                 websocket->close_code());
  if (failure) std::rethrow_exception(failure);
}

awaitable<void> UserSessions::converse(std::shared_ptr<http::WebSocket> websocket, SocketPtr socket,
                                       UserId user) {
  FrameLimit frames(options_.frames);
  FrameLimit chat(options_.chat);
  std::int64_t refused = 0;
  for (;;) {
    const std::optional<std::string> frame = co_await websocket->read();
    if (!frame) co_return;
    if (const std::int64_t wait = frames.wait_ms(env_.clock.now_ms()); wait > 0) {
      if (++refused > options_.frames.calls * kFloodFactor) {
        websocket->close(close_code::too_many_requests, "too many requests");
        co_return;
      }
      if (refused == 1 || refused % options_.frames.calls == 0) socket->send(rate_limited(wait));
      continue;
    }
    refused = 0;
    auto parsed = parse_action(*frame, socket->profile);
    if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
      json::object error = error_frame(refusal->code, refusal->message, false);
      if (!refusal->id.empty()) error["id"] = refusal->id;
      socket->send(error);
      continue;
    }
    Action action = std::get<Action>(std::move(parsed));
    if (std::holds_alternative<action::Chat>(action.what)) {
      if (const std::int64_t wait = chat.wait_ms(env_.clock.now_ms()); wait > 0) {
        json::object error = rate_limited(wait);
        if (!action.id.empty()) error["id"] = action.id;
        socket->send(error);
        continue;
      }
    }
    co_await call_on(hub_.executor(), hub_.act(socket, user, std::move(action)));
  }
}

}  // namespace seendr::app
