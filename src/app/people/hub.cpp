#include "app/people/hub.hpp"

#include "app/rest/errors.hpp"
#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::app {

namespace {

constexpr std::size_t kAliasBytes = 10;

}  // namespace

Hub::Hub(const Env& env, const Executor& executor, HubParts parts, match::Options match_options,
         HubOptions options, std::string instance, std::string alias_key)
    : env_(env),
      executor_(executor),
      parts_(parts),
      options_(std::move(options)),
      alias_key_(std::move(alias_key)),
      cards_(parts.redis),
      relay_wishes_(parts.redis),
      tasks_(executor,
             [log = env.log](const std::string& name, std::exception_ptr error) {
               log.warn("hub_task_failed", "task", name, "error", what(error));
             }),
      signalling_(env, parts.layer,
                  [this](const rooms::RoomFrame& frame) { return deliver(frame); }),
      channel_(parts.layer.channel(instance)),
      trending_feed_(env, parts.trending),
      queue_feed_(parts.board, parts.vocabulary),
      online_(env.metrics.gauge("seendr_app_people", "People with an open socket here.")) {
  const Vocabulary& vocabulary = parts.vocabulary;
  matchmaker_ = std::make_unique<match::Matchmaker>(
      env, executor, parts.redis, parts.tail, parts.server,
      [&vocabulary](std::uint32_t id) { return vocabulary.slug(id); }, std::move(match_options),
      std::move(instance), *this);
}

Hub::~Hub() = default;

awaitable<void> Hub::run() {
  spawn("trending", trending_feed_.run());
  spawn("queue", queue_feed_.run());
  std::exception_ptr failure;
  try {
    co_await matchmaker_->run();
  } catch (...) {
    failure = std::current_exception();
  }
  stopping_ = true;
  tasks_.cancel();
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  co_await tasks_.join();
  if (failure) std::rethrow_exception(failure);
}

void Hub::drain() {
  net::post(executor_, [this] { draining_ = true; });
}

Person* Hub::find(UserId user) {
  const auto found = people_.find(user);
  return found == people_.end() ? nullptr : &found->second;
}

void Hub::refuse(const SocketPtr& socket, const Action& action, std::string_view code,
                 std::string_view message, bool temporary) {
  socket->answer(action.name, action.id, error_frame(code, message, temporary));
}

awaitable<void> Hub::act(SocketPtr socket, UserId user, Action action) {
  if (!find(user) || !socket->begin(action)) co_return;
  const Action request{action.name, action.id, action::Ping{}};
  const bool searches = std::holds_alternative<action::FindMatch>(action.what) ||
                        std::holds_alternative<action::Next>(action.what);
  const bool reports = std::holds_alternative<action::Report>(action.what);
  std::exception_ptr failure;
  std::optional<http::Problem> known;
  try {
    bool may = true;
    if (searches || reports) {
      may = co_await passes(socket, user, request, reports);
    }
    if (!may || !find(user)) co_return;
    co_await dispatch(socket, user, std::move(action));
  } catch (const system_error& error) {
    failure = std::current_exception();
    known = map_error(error);
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  if (is_cancellation(failure)) std::rethrow_exception(failure);
  env_.log.warn("action_failed", "connection", socket->connection, "action", request.name, "user",
                user.text(), "error", what(failure));
  if (!known) known = http::Problem{500, "internal", "The server cannot do this at the moment."};
  refuse(socket, request, known->code, known->message, true);
}

// Whether the limits let the request through; else it was answered.
awaitable<bool> Hub::passes(SocketPtr socket, UserId user, Action request, bool is_report) {
  ratelimit::Decision decision;
  if (is_report) {
    decision = co_await parts_.limits.report(user);
  } else {
    decision = co_await parts_.limits.search(user);
  }
  if (decision.allowed) co_return true;
  json::object frame = error_frame("rate_limited", "Too many requests; wait a moment.", true);
  frame["retry_after_ms"] = decision.retry_after.count();
  socket->turn_away(request.name, request.id, std::move(frame));
  co_return false;
}

awaitable<void> Hub::dispatch(SocketPtr socket, UserId user, Action action) {
  const What& kind = action.what;
  if (std::holds_alternative<action::Ping>(kind)) {
    const json::object pong{{"type", "pong"}, {"server_time", env_.clock.wall_ms()}};
    socket->answer(action.name, action.id, pong);
  } else if (std::holds_alternative<action::FindMatch>(kind)) {
    if (socket->profile == Profile::article) {
      co_await do_article_find(socket, user, std::move(action));
    } else {
      co_await do_find(socket, user, std::move(action));
    }
  } else if (std::holds_alternative<action::CancelMatch>(kind)) {
    co_await do_cancel(socket, user, std::move(action));
  } else if (std::holds_alternative<action::Next>(kind)) {
    co_await do_next(socket, user, std::move(action));
  } else if (std::holds_alternative<action::LeaveRoom>(kind)) {
    co_await do_leave(socket, user, std::move(action));
  } else if (std::holds_alternative<action::IceServers>(kind)) {
    do_ice_servers(socket, user, action);
  } else if (std::holds_alternative<action::Report>(kind)) {
    co_await do_report(socket, user, std::move(action));
  } else if (std::holds_alternative<action::Block>(kind)) {
    co_await do_block(socket, user, std::move(action));
  } else if (std::holds_alternative<action::Subscribe>(kind)) {
    co_await do_subscribe(socket, user, std::move(action));
  } else if (std::holds_alternative<action::Hello>(kind)) {
    refuse(socket, action, "bad_request", "hello is the first frame only", false);
  } else {
    co_await do_relay(socket, user, std::move(action));
  }
}

awaitable<void> Hub::do_subscribe(SocketPtr socket, UserId user, Action action) {
  const action::Subscribe wish = std::get<action::Subscribe>(action.what);
  const bool trending = wish.channel == "trending";
  if (!trending && wish.channel != "queue") {
    refuse(socket, action, "not_found", "There is no channel \"" + wish.channel + "\".", false);
    co_return;
  }
  json::object answer;
  if (!wish.wanted) {
    trending ? trending_feed_.leave(socket->id) : queue_feed_.leave(socket->id);
  } else if (trending) {
    answer["items"] = co_await trending_feed_.join(socket);
  } else {
    answer = queue_feed_.join(socket);
  }
  const Person* person = find(user);
  if (!person || !person->socket(socket->id)) {
    trending_feed_.leave(socket->id);  // It closed while the list was read.
    co_return;
  }
  answer["type"] = wish.wanted ? "subscribed" : "ack";
  answer["channel"] = wish.channel;
  socket->answer(action.name, action.id, std::move(answer));
}

PresenceKeeper::Local Hub::look() const {
  std::size_t online = 0;
  for (const auto& [user, person] : people_) online += person.sockets.empty() ? 0 : 1;
  online_.Set(static_cast<double>(online));
  return PresenceKeeper::Local{online, matchmaker_->presence()};
}

// The same in every process of the deployment, different in every room.
std::string Hub::alias(const RoomId& room, UserId user) const {
  const std::string mac = hmac_sha256(alias_key_, room.text() + "|" + user.text());
  return "p" + to_base32(bytes(std::string_view(mac).substr(0, kAliasBytes)));
}

}  // namespace seendr::app
