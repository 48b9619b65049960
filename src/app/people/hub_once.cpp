// One search over HTTP: the person joins as by another tab of the article profile.
#include "app/people/hub.hpp"

namespace seendr::app {

namespace {

constexpr Millis kOnceLimit{8000};  // For the answer of a search that is answered at once.

}  // namespace

// A socket without a connection, and the first frame that it was sent.
struct Hub::OnceTab {
  explicit OnceTab(Executor executor) : heard(executor, kOnceLimit) {}

  SocketPtr socket;
  std::optional<json::object> frame;
  Timer heard;  // Cancelled when there is a frame.
};

awaitable<OneSearch> Hub::search_once(Account account, action::FindMatch wanted,
                                      std::string request_id) {
  const UserId user = account.user.id;
  const auto tab = std::make_shared<OnceTab>(executor_);
  tab->socket = std::make_shared<Socket>(next_socket_id(), Profile::article, "", executor_);
  tab->socket->connection = std::move(request_id);
  tab->socket->tap = [weak = std::weak_ptr<OnceTab>(tab)](const std::string& frame) {
    const auto open = weak.lock();
    if (!open || open->frame) return;
    open->frame = json::parse_object(frame);
    open->heard.cancel();
  };
  OneSearch outcome;
  outcome.limit = co_await parts_.limits.search(user);
  if (!outcome.limit.allowed) {
    outcome.kind = OneSearch::Kind::limited;
    co_return outcome;
  }
  std::exception_ptr failure;
  const ratelimit::Decision limit = outcome.limit;
  try {
    const Attached attached = co_await attach(tab->socket, std::move(account), "");
    if (attached == Attached::ok) {
      outcome = co_await ask_once(tab, user, std::move(wanted));
    } else {
      outcome.kind = OneSearch::Kind::refused;
      outcome.code = "overloaded";
      outcome.message = "There are too many connections of this person, or the server restarts.";
    }
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  outcome.limit = limit;
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  co_await leave_once(tab, user);
  if (failure) std::rethrow_exception(failure);
  co_return outcome;
}

awaitable<OneSearch> Hub::ask_once(std::shared_ptr<OnceTab> tab, UserId user,
                                   action::FindMatch wanted) {
  OneSearch outcome;
  if (!tab->frame) {  // Somebody may have found them by now.
    Action action{"find_match", "", std::move(wanted)};
    co_await do_article_find(tab->socket, user, std::move(action));
  }
  if (!tab->frame) {
    co_await tab->heard.async_wait(net::as_tuple(use_awaitable));
  }
  const json::object frame =
      tab->frame.value_or(error_frame("overloaded", "The search took too long; try again.", true));
  const auto text = [&frame](std::string_view key) {
    const json::value* value = frame.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  if (text("type") == "match_found") {
    outcome.kind = OneSearch::Kind::found;
    outcome.room = RoomId{text("room_id")};
    outcome.partner = text("partner_id");
  } else if (text("type") == "error") {
    outcome.kind = OneSearch::Kind::refused;
    outcome.code = text("code");
    outcome.message = text("message");
  }
  co_return outcome;
}

// A person without sockets and without a match is gone at once; a room waits for their socket.
awaitable<void> Hub::leave_once(std::shared_ptr<OnceTab> tab, UserId user) {
  co_await detach(tab->socket, user);
  Person* person = find(user);
  if (!person || !person->sockets.empty() || person->seat || !person->arrived) co_return;
  person->arrived = false;
  person->in_lounge = false;
  person->socket_lost = false;
  co_await matchmaker_->depart(user);
}

}  // namespace seendr::app
