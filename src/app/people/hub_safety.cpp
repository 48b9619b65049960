// Reports and blocks, and what other processes announce about a person.
#include <algorithm>

#include "app/people/hub.hpp"
#include "app/socket/close_codes.hpp"
#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

constexpr Millis kReadAgain{1000};  // When PostgreSQL does not say what an account is now.

}  // namespace

// The room of the person, or the one they were in last: both can be reported.
std::optional<PastRoom> Hub::room_to_judge(const Person& person, const RoomId& room) const {
  if (person.seat && person.seat->room == room) {
    return PastRoom{room, person.seat->peer, person.seat->peer_alias};
  }
  if (person.past && person.past->room == room) return person.past;
  return std::nullopt;
}

awaitable<void> Hub::do_report(SocketPtr socket, UserId user, Action action) {
  const action::Report report = std::get<action::Report>(action.what);
  Person* person = find(user);
  const std::optional<PastRoom> room = room_to_judge(*person, report.room);
  if (!room) {
    refuse(socket, action, "not_in_room", "You were not in that room.", false);
    co_return;
  }
  const Report stored{user, room->peer, room->room, report.reason, report.note};
  co_await parts_.moderation.report(stored);
  env_.log.info("report", "connection", socket->connection, "reporter", user.text(), "reported",
                room->peer.text(), "reason", report.reason);
  person = find(user);
  if (person && person->seat && person->seat->room == room->room) {
    person->searcher.reset();
    co_await matchmaker_->close(user, room->room, match::CloseReason::left);
  }
  const json::object ack{{"type", "report_ack"}, {"room_id", room->room.text()}};
  socket->answer(action.name, action.id, ack);
}

awaitable<void> Hub::do_block(SocketPtr socket, UserId user, Action action) {
  const action::Block block = std::get<action::Block>(action.what);
  const Person* person = find(user);
  std::optional<UserId> met;  // The partner of this room, or of the last.
  if (const auto room = room_to_judge(*person, block.room)) met = room->peer;
  const std::optional<UserId> named = parse_user_id(block.user);
  if (const auto& past = person->past; past && !block.user.empty()) {
    if (past->peer_alias == block.user || named == past->peer) met = past->peer;
  }
  if (const auto& seat = person->seat; seat && !block.user.empty()) {
    if (seat->peer_alias == block.user || named == seat->peer) met = seat->peer;
  }
  if (!met && !named) {
    refuse(socket, action, "not_found", "There is nobody to block there.", false);
    co_return;
  }
  const UserId other = met.value_or(named.value_or(UserId{}));
  if (other == user) {
    refuse(socket, action, "bad_request", "Nobody can block themselves.", false);
    co_return;
  }
  if (met) {
    // First what protects: they are apart even while PostgreSQL is away. How many one meets is
    // limited already.
    co_await part(user, other);
  } else {
    const ratelimit::Decision decision = co_await parts_.limits.block(user);
    if (!decision.allowed) {
      json::object frame = error_frame("rate_limited", "Too many requests; wait a moment.", true);
      frame["retry_after_ms"] = decision.retry_after.count();
      socket->turn_away(action.name, action.id, std::move(frame));
      co_return;
    }
  }
  const std::optional<std::int64_t> id = co_await parts_.moderation.block(user, other);
  if (!id) {
    refuse(socket, action, "not_found", "There is no such person.", false);
    co_return;
  }
  co_await part(user, other);
  const json::object ack{{"type", "ack"}, {"block_id", std::to_string(*id)}};
  socket->answer(action.name, action.id, ack);
}

// Keeps the two from being matched, and ends the room they are in. Every process is told once: who
// is apart already, whoever of them began, is not announced again.
awaitable<void> Hub::part(UserId user, UserId other) {
  Person* person = find(user);
  if (!person) {
    matchmaker_->block(user, other);  // They left meanwhile; others may know them still.
    co_return;
  }
  std::vector<UserId>& apart = person->account.blocked;
  if (std::find(apart.begin(), apart.end(), other) == apart.end()) {
    matchmaker_->block(user, other);
    apart.push_back(other);
  }
  if (person->seat && person->seat->peer == other) {
    const RoomId room = person->seat->room;
    person->searcher.reset();
    co_await matchmaker_->close(user, room, match::CloseReason::blocked);
  }
}

awaitable<void> Hub::announce_banned(UserId user) {
  const bus::Banned banned{user};
  co_await end_banned(user);
  channels::Message message = bus::to_message(banned);
  co_await parts_.layer.group_send(rooms::user_group(user), std::move(message));
}

// First what others may see of the person is forgotten; then the places they have.
awaitable<void> Hub::announce_gone(UserId user) {
  const bus::Gone gone{user};
  co_await cards_.drop(user);
  co_await relay_wishes_.drop(user);
  co_await end_gone(user);
  channels::Message message = bus::to_message(gone);
  co_await parts_.layer.group_send(rooms::user_group(user), std::move(message));
}

awaitable<void> Hub::announce_session_ended(UserId user, std::string session_hash) {
  const bus::SessionEnded ended{user, std::move(session_hash)};
  on_bus(ended);
  channels::Message message = bus::to_message(ended);
  co_await parts_.layer.group_send(rooms::user_group(user), std::move(message));
}

// Each of the two may be connected to another process than the one that was asked.
awaitable<void> Hub::announce_unblocked(Unblocked pair) {
  const bus::Unblocked unblocked{pair.blocker, pair.blocked};
  on_bus(unblocked);
  for (const UserId user : {pair.blocker, pair.blocked}) {
    channels::Message message = bus::to_message(unblocked);
    co_await parts_.layer.group_send(rooms::user_group(user), std::move(message));
  }
}

awaitable<void> Hub::announce_account(User user) {
  const UserId id = user.id;
  if (Person* person = find(id)) person->account.user = std::move(user);
  const bus::AccountChanged changed{id};
  channels::Message message = bus::to_message(changed);
  co_await parts_.layer.group_send(rooms::user_group(id), std::move(message));
}

void Hub::on_bus(const bus::AccountChanged& message) {
  Person* person = find(message.user);
  if (person) spawn("reload", reload(message.user, ++person->account_turn));
}

// Of several changes the last message rules: what is read after it is the newest.
awaitable<void> Hub::reload(UserId user, std::uint64_t turn) {
  std::optional<User> read;
  for (;;) {
    std::exception_ptr failure;
    try {
      read = co_await parts_.users.find(user);
    } catch (const system_error&) {
      failure = std::current_exception();
    }
    Person* person = find(user);
    if (!person || person->account_turn != turn) co_return;
    if (!failure) break;
    if (is_cancellation(failure)) std::rethrow_exception(failure);
    co_await sleep_for(kReadAgain);
  }
  if (!read) co_return;
  const Card card = card_of(*read);
  find(user)->account.user = std::move(*read);
  co_await cards_.put(user, card);
  co_await enter_lounge(user);  // They may be of age now.
}

void Hub::on_bus(const bus::Unblocked& message) {
  matchmaker_->unblock(message.user, message.other);
  if (Person* person = find(message.user)) std::erase(person->account.blocked, message.other);
  if (Person* person = find(message.other)) std::erase(person->account.blocked, message.user);
}

void Hub::on_message(const std::string& channel, const channels::Message& message) {
  if (stopping_) return;
  if (const auto notice = notices_.find(channel); notice != notices_.end()) {
    const auto replace = channels::Message::error_handler_t::replace;
    show_notice(notice->second, message.dump(-1, ' ', false, replace));
    return;
  }
  if (channel != channel_) return;
  if (const auto frame = rooms::from_message(message)) {
    deliver(*frame);
    return;
  }
  const std::optional<bus::Received> received = bus::from_message(message);
  if (received) std::visit([this](const auto& m) { on_bus(m); }, *received);
}

awaitable<void> Hub::announce_notification(UserId user, json::object notification) {
  co_await show_notification(parts_.layer, user, std::move(notification));
}

void Hub::on_bus(const bus::Notice& message) {
  show_notice(message.user, message.data);
}

// What another program sent to the person, or was stored for them, goes to their pages as it is.
// The article's dialogue has no such frame.
void Hub::show_notice(UserId user, const std::string& text) {
  const Person* person = find(user);
  if (!person) return;
  const std::optional<json::object> data = json::parse_object(text);
  if (!data || text.size() > kMaxFrameBytes) {
    env_.log.warn("notification_dropped", "user", user.text(), "bytes", text.size());
    return;
  }
  const json::object frame{{"type", "notification"}, {"data", *data}};
  for (const auto& [id, socket] : person->sockets) {
    if (socket->profile == Profile::v1) socket->send(frame);
  }
}

void Hub::on_bus(const bus::Arriving& message) {
  if (message.reply_to == channel_ || !channels::valid_channel(message.reply_to)) return;
  spawn("answer_arriving", answer_arriving(message));
}

// The person signed in on another process: a seat in use here stays, a lost one moves there.
awaitable<void> Hub::answer_arriving(bus::Arriving message) {
  bus::SeatAnswer answer{message.user, false, {}};
  Person* person = find(message.user);
  if (person && person->seat) {
    rooms::Seat& seat = *person->seat;
    const SocketPtr holder = person->socket(seat.socket);
    const bool same_page =
        !message.resume_token.empty() && message.resume_token == seat.resume_token;
    if (message.patient || (holder && !same_page)) {
      answer.busy = true;
    } else {
      answer.held = seat.take_held();
      if (holder) holder->close(close_code::replaced, "replaced");
      person->seat.reset();
      person->searcher.reset();
    }
  }
  channels::Message reply = bus::to_message(answer);
  co_await parts_.layer.send(message.reply_to, std::move(reply));
}

void Hub::on_bus(const bus::SeatAnswer& message) {
  const auto found = questions_.find(message.user);
  if (found == questions_.end()) return;
  Question& question = found->second;
  question.busy = question.busy || message.busy;
  for (const rooms::HeldFrame& frame : message.held) question.held.push_back(frame);
  ++question.answered;
  const bool complete = question.expected && question.answered >= *question.expected;
  if (question.done && (question.busy || complete)) question.done->cancel();
}

void Hub::on_bus(const bus::Banned& message) {
  spawn("end_banned", end_banned(message.user));
}

void Hub::on_bus(const bus::Gone& message) {
  spawn("end_gone", end_gone(message.user));
}

awaitable<void> Hub::end_banned(UserId user) {
  if (Person* person = find(user)) person->account.banned = true;
  co_await end_person(user, close_code::banned, "banned", match::CloseReason::banned);
}

awaitable<void> Hub::end_gone(UserId user) {
  co_await end_person(user, close_code::signed_out, "signed out", match::CloseReason::left);
}

// Closes every socket of the person here, and takes them out of room and pool.
awaitable<void> Hub::end_person(UserId user, std::uint16_t code, std::string said,
                                match::CloseReason reason) {
  Person* person = find(user);
  if (!person) co_return;
  if (person->seat) person->seat->socket = 0;  // Who is left is told of an end, not of a pause.
  for (const auto& [id, socket] : person->sockets) {
    socket->close(code, said);
  }
  person->searcher.reset();
  const RoomId room = person->seat ? person->seat->room : RoomId{};
  if (!person->arrived) co_return;
  if (!room.empty()) {
    co_await matchmaker_->close(user, room, reason);
  }
  co_await matchmaker_->depart(user);
  if (Person* still = find(user)) {
    still->arrived = false;
    still->in_lounge = false;
  }
}

void Hub::on_bus(const bus::SessionEnded& message) {
  const Person* person = find(message.user);
  if (!person) return;
  for (const auto& [id, socket] : person->sockets) {
    if (socket->session_hash == message.session_hash)
      socket->close(close_code::signed_out, "signed out");
  }
}

}  // namespace seendr::app
