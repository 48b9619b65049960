// Coming and going: sockets, seats that are taken over or lost, people who are forgotten.
#include <algorithm>

#include "app/people/hub.hpp"
#include "app/socket/close_codes.hpp"
#include "codec/crypto.hpp"
#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

constexpr Millis kAskLimit{500};    // For other processes to say whether they hold a seat.
constexpr Millis kSeatRetry{1000};  // When Redis does not say whose a seat is.
constexpr Millis kForgetMargin{2000};

// Joined only to receive what others send, a Django site say: a frame of ours there would end its
// consumers.
std::string notice_group(UserId user) {
  return "user_" + user.text();
}

}  // namespace

awaitable<Attached> Hub::attach(SocketPtr socket, Account account, std::string resume_token) {
  if (stopping_) co_return Attached::stopping;
  const UserId user = account.user.id;
  const bool known = people_.contains(user);
  Person& person = people_[user];
  if (options_.sockets_per_user > 0 && person.sockets.size() >= options_.sockets_per_user) {
    co_return Attached::too_many;
  }
  person.account = std::move(account);
  person.sockets[socket->id] = socket;
  ++person.forget_turn;
  socket->resume_token = random_secret(env_.random);
  const Card card = card_of(person.account.user);
  if (person.notices.empty()) {
    person.notices = parts_.layer.new_channel();
    notices_[person.notices] = user;
  }
  const std::string notices = person.notices;
  if (socket->profile == Profile::v1) send_welcome(socket, person);

  std::exception_ptr failure;
  try {
    if (!known) {
      co_await parts_.layer.group_add(rooms::user_group(user), channel_);
      co_await parts_.layer.group_add(notice_group(user), notices);
    }
    co_await cards_.put(user, card);
    const bool here = co_await settle(socket, user, std::move(resume_token), Settling::opened);
    if (here && socket->profile == Profile::article) {
      co_await come_back(user);
      co_await enter_lounge(user);
    }
  } catch (const system_error&) {
    failure = std::current_exception();
  }
  if (failure && is_cancellation(failure)) std::rethrow_exception(failure);
  // Redis is away: the socket stays; a search tries again.
  if (failure) {
    env_.log.warn("attach_incomplete", "connection", socket->connection, "user", user.text(),
                  "error", what(failure));
  }
  if (Person* still = find(user); still && still->any(Profile::article)) try_again_later(*still);
  co_return Attached::ok;
}

// Whoever is connected by the article's profile can be matched, so their process does not wait for
// a search of theirs: not while another process has them in a room, but from when that is over. The
// room is left to the page that was in it.
void Hub::try_again_later(Person& person) {
  if (person.arrived || std::exchange(person.waits_for_seat, true)) return;
  spawn("wait_for_seat", wait_for_seat(person.id()));
}

awaitable<void> Hub::wait_for_seat(UserId user) {
  for (;;) {
    co_await sleep_for(kSeatRetry);
    Person* person = find(user);
    if (!person) co_return;
    const SocketPtr tab = person->any(Profile::article);
    if (!tab || person->arrived) {
      person->waits_for_seat = false;
      co_return;
    }
    std::exception_ptr failure;
    try {
      const bool here = co_await settle(tab, user, "", Settling::waiting);
      if (here) {
        co_await enter_lounge(user);
      }
    } catch (const system_error&) {
      failure = std::current_exception();  // Redis is away: so is everybody.
    }
    if (failure && is_cancellation(failure)) std::rethrow_exception(failure);
  }
}

// A place that was held for a lost socket can be matched again. Only with a search that is to be
// answered, or in the article's pool: else nobody would hear of the match.
awaitable<void> Hub::come_back(UserId user) {
  Person* person = find(user);
  const bool was_lost = person && std::exchange(person->socket_lost, false);
  if (was_lost) {
    co_await matchmaker_->back(user);
  }
}

void Hub::send_welcome(const SocketPtr& socket, const Person& person) const {
  const User& user = person.account.user;
  json::object limits{{"frame_bytes", kMaxFrameBytes},
                      {"sdp_bytes", kMaxSdpBytes},
                      {"chat_characters", kMaxChatCharacters},
                      {"interests", match::kMaxInterests},
                      {"interest_characters", 64}};
  json::object frame{{"type", "welcome"},
                     {"session_id", "s" + std::to_string(socket->id)},
                     {"resume_token", socket->resume_token},
                     {"resume_window_ms", options_.resume_window.count()},
                     {"heartbeat_ms", options_.heartbeat.count()},
                     {"server_time", env_.clock.wall_ms()},
                     {"relay", has_relay()},
                     {"user", json::object{{"id", user.id.text()},
                                           {"guest", user.guest},
                                           {"display_name", user.display_name}}},
                     {"limits", std::move(limits)}};
  if (!socket->hello_id.empty()) frame["id"] = socket->hello_id;
  socket->send(frame);
}

// Makes the matchmaker know the person here, and puts the socket back into a room that lost its
// own. False when another process has them in a room, in use.
awaitable<bool> Hub::settle(SocketPtr socket, UserId user, std::string resume_token, Settling why) {
  for (int turn = 0; turn < 100;
       ++turn) {  // Another socket of the person is settling: wait for it.
    const Person* busy = find(user);
    if (!busy || !busy->arriving) break;
    co_await sleep_for(Millis(10));
  }
  Person* person = find(user);
  if (!person || !person->sockets.contains(socket->id)) co_return false;
  // A page that comes back to where another tab has been all along: its room may be elsewhere.
  const bool misses_seat = !person->seat && !resume_token.empty() && !person->socket_lost;
  if (person->arrived && !(why == Settling::opened && misses_seat)) {
    if (person->seat && socket->profile == Profile::v1) {
      const SocketPtr holder = person->socket(person->seat->socket);
      const bool same_page = !resume_token.empty() && resume_token == person->seat->resume_token;
      if (holder && holder != socket && same_page) holder->close(close_code::replaced, "replaced");
      if (!holder || same_page) take_seat(*person, socket);
    }
    co_return true;
  }

  person->arriving = true;
  Elsewhere elsewhere;
  std::optional<match::Told> told;
  std::exception_ptr failure;
  try {
    bus::Arriving question{user, channel_, std::move(resume_token), why == Settling::waiting};
    elsewhere = co_await ask_elsewhere(std::move(question));
    const bool hides = co_await relay_wishes_.holds(user);
    person = find(user);
    if (person && hides) person->relay = person->relay_kept = true;
    if (person && !elsewhere.busy) {
      const match::Facts facts{person->account.blocked};
      told = co_await matchmaker_->arrive(user, facts);
    }
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  person = find(user);
  if (person) person->arriving = false;
  if (failure) std::rethrow_exception(failure);
  if (!person || elsewhere.busy) co_return false;
  person->arrived = true;
  if (!told || person->seat) co_return true;
  rooms::Seat& seat = open_seat(*person, *told);
  for (rooms::HeldFrame& frame : elsewhere.held) seat.hold(std::move(frame));
  const bool still_here = person->sockets.contains(socket->id);
  const bool takes = still_here && why != Settling::waiting;
  if (takes) take_seat(*person, socket, told->peer_silent);
  if (!takes) spawn("lost_seat", watch_lost_seat(user, seat.room));
  co_return true;
}

awaitable<Hub::Elsewhere> Hub::ask_elsewhere(bus::Arriving question) {
  const UserId user = question.user;
  channels::Message message = bus::to_message(question);
  questions_[user] = Question{};  // Before it is sent: an answer may be quick.
  std::exception_ptr failure;
  channels::SendResult sent;
  try {
    sent = co_await parts_.layer.group_send(rooms::user_group(user), std::move(message));
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  if (failure) {
    questions_.erase(user);
    std::rethrow_exception(failure);
  }
  const std::size_t reached = sent.members - sent.full;
  Question& waiting = questions_[user];
  waiting.expected = reached > 0 ? reached - 1 : 0;  // This process hears the question too.
  const bool complete = waiting.busy || waiting.answered >= *waiting.expected;
  Timer done(executor_, kAskLimit);
  waiting.done = &done;
  if (!complete) {
    co_await done.async_wait(net::as_tuple(use_awaitable));
  }
  Elsewhere answer;
  const auto found = questions_.find(user);
  if (found != questions_.end()) {
    answer.busy = found->second.busy;
    answer.held = std::move(found->second.held);
    const bool silence = !answer.busy && found->second.answered < reached - 1;
    questions_.erase(found);
    if (reached > 1 && silence) spawn("forget_dead", forget_dead(user));
  }
  co_return answer;
}

// Somebody does not answer. Processes that were killed left their membership behind, and everybody
// who arrives would wait for them.
awaitable<void> Hub::forget_dead(UserId user) {
  const std::string group = rooms::user_group(user);
  const std::vector<std::string> members = co_await parts_.layer.members(group);
  const std::set<std::string> living = co_await living_hosts(parts_.redis, env_.clock.wall_ms());
  for (const std::string& member : members) {
    const std::string host = member.substr(channels::inbox_of(member).size());
    if (member == channel_ || living.contains(host)) continue;
    env_.log.info("dead_member", "host", host, "user", user.text());
    co_await parts_.layer.group_discard(group, member);
  }
}

// The socket is in the call from now on: it is told of the room, and gets what waited for it.
void Hub::take_seat(Person& person, const SocketPtr& socket, bool peer_silent) {
  rooms::Seat& seat = *person.seat;
  seat.socket = socket->id;
  seat.resume_token = socket->resume_token;
  tell_peer_state(seat, true);
  spawn("tell_match", tell_match(person.id(), seat.room, peer_silent));
}

void Hub::tell_peer_state(const rooms::Seat& seat, bool connected) {
  relay(seat, "partner_state", peer_state(connected));
}

json::object Hub::peer_state(bool connected) const {
  json::object body{{"state", connected ? "reconnected" : "reconnecting"}};
  if (!connected) body["grace_ms"] = options_.room_grace.count();
  return body;
}

awaitable<void> Hub::detach(SocketPtr socket, UserId user) {
  Person* person = find(user);
  if (!person || person->sockets.erase(socket->id) == 0) co_return;
  trending_feed_.leave(socket->id);
  queue_feed_.leave(socket->id);
  std::erase_if(person->askers, [&](const Asker& asker) { return asker.socket == socket->id; });
  const SocketPtr tab = person->any(Profile::article);
  if (tab && person->seat && person->seat->socket == socket->id) {
    person->seat->socket = tab->id;  // The article's tabs are all told of everything.
  } else if (person->seat && person->seat->socket == socket->id) {
    person->seat->socket = 0;
    tell_peer_state(*person->seat, false);
    spawn("lost_seat", watch_lost_seat(user, person->seat->room));
  }
  const bool searched = person->searcher && person->searcher->socket == socket->id;
  if (searched) person->searcher.reset();
  const bool article = person->any(Profile::article) != nullptr;
  const bool left_lounge = person->in_lounge && !article;
  if (left_lounge) person->in_lounge = false;
  if (person->sockets.empty()) spawn("forget", forget_later(user, person->forget_turn));
  if (!person->arrived || stopping_) co_return;

  if (left_lounge && person->searcher) {
    co_await matchmaker_->leave_lounge(user);
  } else if ((left_lounge || searched) && !article) {
    person->socket_lost = true;
    co_await matchmaker_->lost(user);
  }
}

void Hub::abandon(SocketPtr socket, UserId user) {
  net::post(executor_,
            [this, socket = std::move(socket), user] { spawn("abandon", detach(socket, user)); });
}

// A person without sockets is kept for as long as a search or a room waits for them.
awaitable<void> Hub::forget_later(UserId user, std::uint64_t turn) {
  co_await sleep_for(std::max(options_.hold, options_.room_grace) + kForgetMargin);
  for (;;) {
    Person* person = find(user);
    if (!person || person->forget_turn != turn || !person->sockets.empty()) co_return;
    if (!person->seat) break;
    co_await sleep_for(kSeatRetry);
  }
  const bool arrived = find(user)->arrived;
  const std::string notices = find(user)->notices;
  people_.erase(user);
  notices_.erase(notices);
  if (arrived) {
    co_await matchmaker_->depart(user);
  }
  co_await parts_.layer.group_discard(notice_group(user), notices);
  if (people_.contains(user)) co_return;  // Back meanwhile: the group is theirs again.
  co_await parts_.layer.group_discard(rooms::user_group(user), channel_);
}

// The room waits for a socket of `user`, here or on another process.
awaitable<void> Hub::watch_lost_seat(UserId user, RoomId room) {
  co_await sleep_for(options_.room_grace);
  for (;;) {
    const rooms::Seat* seat = seat_of(user, room);
    if (!seat || seat->socket != 0) co_return;
    std::exception_ptr failure;
    try {
      const std::optional<std::string> host = co_await matchmaker_->seat_host(user, room);
      seat = seat_of(user, room);
      if (!seat || seat->socket != 0 || draining_) co_return;
      if (host == matchmaker_->instance()) {
        co_await matchmaker_->close(user, room, match::CloseReason::partner_lost);
      }
      if (Person* person = find(user); person && seat_of(user, room)) person->seat.reset();
      co_return;
    } catch (const system_error&) {
      failure = std::current_exception();
    }
    if (is_cancellation(failure)) std::rethrow_exception(failure);
    co_await sleep_for(kSeatRetry);
  }
}

// The process of the partner fell silent. The partner may sit on another one already, or come back
// there while the room waits. The grace runs from the loss: a partner who was away before their
// process was gone has no more of it.
awaitable<void> Hub::watch_lost_peer(UserId user, RoomId room) {
  const bool moved_before = co_await follow_peer(user, room);
  if (moved_before) co_return;
  tell_of_peer(user, room, false);
  for (;;) {
    const rooms::Seat* seat = seat_of(user, room);
    if (!seat || !seat->peer_lost) co_return;
    const std::int64_t end = seat->peer_lost_ms + options_.room_grace.count();
    const std::int64_t left = end - env_.clock.now_ms();
    if (left <= 0) break;
    co_await sleep_for(Millis(left));
  }
  const bool moved = co_await follow_peer(user, room);
  const rooms::Seat* seat = seat_of(user, room);
  if (!seat) co_return;
  if (moved || !seat->peer_lost) {
    tell_of_peer(user, room, true);
    co_return;
  }
  co_await matchmaker_->close(user, room, match::CloseReason::partner_lost);
}

// The partner is back, and maybe on another process: its end is to be noticed, too.
awaitable<void> Hub::note_peer(UserId user, RoomId room) {
  co_await follow_peer(user, std::move(room));
}

// Whether the partner's seat is known to be on another process now. False when Redis is away.
awaitable<bool> Hub::follow_peer(UserId user, RoomId room) {
  std::exception_ptr failure;
  try {
    co_return co_await matchmaker_->follow_peer(user, std::move(room));
  } catch (const system_error&) {
    failure = std::current_exception();
  }
  if (is_cancellation(failure)) std::rethrow_exception(failure);
  co_return false;
}

}  // namespace seendr::app
