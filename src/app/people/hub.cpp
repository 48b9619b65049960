#include "app/people/hub.hpp"

#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::app {

namespace {

constexpr std::size_t kAliasBytes = 10;

}  // namespace

Hub::Hub(const Env& env, Executor executor, HubParts parts, match::Options match_options,
         HubOptions options, std::string instance, std::string alias_key)
    : env_(env),
      executor_(executor),
      parts_(parts),
      options_(std::move(options)),
      alias_key_(std::move(alias_key)),
      cards_(parts.redis),
      tasks_(executor,
             [log = env.log](const std::string& name, std::exception_ptr error) {
               log.warn("hub_task_failed", "task", name, "error", what(error));
             }),
      signalling_(env, parts.layer,
                  [this](const rooms::RoomFrame& frame) { return deliver(frame); }),
      channel_(parts.layer.new_channel()),
      online_(env.metrics.gauge("seendr_app_people", "People with an open socket here.")) {
  const Vocabulary& vocabulary = parts.vocabulary;
  matchmaker_ = std::make_unique<match::Matchmaker>(
      env, executor, parts.redis, parts.tail, parts.server,
      [&vocabulary](std::uint32_t id) { return vocabulary.slug(id); }, std::move(match_options),
      std::move(instance), *this);
}

Hub::~Hub() = default;

awaitable<void> Hub::run() {
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

awaitable<void> Hub::close() {
  stopping_ = true;
  std::vector<UserId> users;
  for (const auto& [user, person] : people_) users.push_back(user);
  for (const UserId user : users) {
    Person* person = find(user);
    // A seat stays: the person comes back to it on another process.
    if (person && person->arrived && !person->seat) {
      co_await matchmaker_->depart(user);
    }
  }
  people_.clear();
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
  std::exception_ptr failure;
  try {
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
    } else if (std::holds_alternative<action::Hello>(kind)) {
      refuse(socket, action, "bad_request", "hello is the first frame only", false);
    } else {
      co_await do_relay(socket, user, std::move(action));
    }
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  if (is_cancellation(failure)) std::rethrow_exception(failure);
  env_.log.warn("action_failed", "action", request.name, "user", user.text(), "error",
                what(failure));
  refuse(socket, request, "internal", "The server cannot do this at the moment.", true);
}

void Hub::refresh(const User& user) {
  if (Person* person = find(user.id)) person->account.user = user;
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
