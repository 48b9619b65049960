// Rooms: who is told of a pair, and how it ends.
#include <algorithm>

#include "app/people/hub.hpp"
#include "runtime/timeout.hpp"

namespace seendr::app {

namespace {

constexpr Millis kCardLimit{500};  // For the partner's card; without it the name is empty.
std::string_view told_reason(match::CloseReason reason) {
  using Reason = match::CloseReason;
  switch (reason) {
    case Reason::left:
    case Reason::blocked:
      return "left";  // Nobody learns who blocked them.
    case Reason::next:
      return "next";
    case Reason::banned:
      return "banned";
    default:
      return "timeout";
  }
}

std::string common_language(const std::vector<std::string>& own, const Card& partner) {
  for (const std::string& language : partner.languages) {
    if (std::find(own.begin(), own.end(), language) != own.end()) return language;
  }
  return partner.languages.empty() ? "" : partner.languages.front();
}

}  // namespace

// The person's seat if it is in `room`; any seat for the empty id; nullptr otherwise.
rooms::Seat* Hub::seat_of(UserId user, const RoomId& room) {
  Person* person = find(user);
  if (!person || !person->seat) return nullptr;
  return room.empty() || person->seat->room == room ? &*person->seat : nullptr;
}

rooms::Seat& Hub::open_seat(Person& person, const match::Told& told) {
  rooms::Seat& seat = person.seat.emplace();
  seat.room = told.room;
  seat.self = told.user;
  seat.peer = told.peer;
  seat.self_alias = alias(told.room, told.user);
  seat.peer_alias = alias(told.room, told.peer);
  seat.polite = told.polite;
  seat.relay = person.relay || options_.ice.relay_only || person.account.user.hide_address;
  seat.shared = told.shared;
  seat.score = told.score;
  seat.waited = told.waited;
  seat.since_ms = env_.clock.now_ms();
  return seat;
}

void Hub::on_match(const match::Told& told) {
  Person* person = find(told.user);
  if (!person) return;  // The room ends as a no-show.
  told_matches_.fetch_add(1, std::memory_order_relaxed);
  rooms::Seat& seat = open_seat(*person, told);
  SocketPtr socket = person->searcher ? person->socket(person->searcher->socket) : nullptr;
  if (!socket) socket = person->any(Profile::article);
  if (!socket) {
    spawn("lost_seat", watch_lost_seat(told.user, told.room));
    return;
  }
  seat.socket = socket->id;
  seat.resume_token = socket->resume_token;
  if (socket->profile == Profile::v1) {
    const Person* peer = find(told.peer);
    if (peer) send_match_found(*person, card_of(peer->account.user));
    if (!peer) spawn("tell_match", tell_match(told.user, told.room, told.peer_silent));
    return;
  }
  const std::vector<Asker> askers = std::exchange(person->askers, {});
  for (const auto& [id, tab] : person->sockets) {
    if (tab->profile != Profile::article) continue;
    json::object frame{
        {"type", "match_found"}, {"room_id", seat.room.text()}, {"partner_id", seat.peer.text()}};
    const auto asked = std::find_if(askers.begin(), askers.end(), [socket_id = id](const Asker& a) {
      return a.socket == socket_id;
    });
    if (asked == askers.end()) {
      tab->send(frame);
    } else {
      tab->answer(asked->action, asked->request_id, std::move(frame));
    }
  }
  // The matchmaker may be called again only after this report.
  net::post(executor_, [this, user = told.user, room = told.room] { mark_entered(user, room); });
}

// match_found for a partner whose card is in Redis.
awaitable<void> Hub::tell_match(UserId user, RoomId room, bool peer_silent) {
  const rooms::Seat* seat = seat_of(user, room);
  if (!seat) co_return;
  const UserId partner = seat->peer;
  std::optional<Card> card;
  std::string why;
  if (const Person* peer = find(partner)) {
    card = card_of(peer->account.user);
  } else {
    std::exception_ptr failure;
    try {
      card = co_await with_timeout(cards_.find(partner), kCardLimit);
    } catch (const system_error&) {
      failure = std::current_exception();
    }
    if (failure && is_cancellation(failure)) std::rethrow_exception(failure);
    if (failure) why = what(failure);
  }
  seat = seat_of(user, room);
  if (!seat) co_return;
  if (!why.empty()) {
    const SocketPtr socket = find(user)->socket(seat->socket);
    env_.log.warn("card_missing", "connection", socket ? socket->connection : std::string(), "user",
                  user.text(), "room", room.text(), "error", why);
  }
  send_match_found(*find(user), card.value_or(Card{}));
  if (peer_silent) {
    co_await watch_lost_peer(user, std::move(room));
  }
}

void Hub::send_match_found(Person& person, const Card& partner) {
  rooms::Seat& seat = *person.seat;
  const SocketPtr socket = person.socket(seat.socket);
  if (!socket) return;
  const std::string language = common_language(person.account.user.languages, partner);
  json::object frame{{"type", "match_found"},
                     {"room_id", seat.room.text()},
                     {"partner_id", seat.peer_alias},
                     {"polite", seat.polite},
                     {"shared_interests", json::value_from(seat.shared)},
                     {"score", seat.score},
                     {"waited_ms", seat.waited.count()},
                     {"partner", json::object{{"display_name", partner.display_name},
                                              {"language", language},
                                              {"region", partner.region}}},
                     {"ice_servers", ice_for(seat)},
                     {"ice_policy", seat.relay ? "relay" : "all"}};
  const bool asked = person.searcher && person.searcher->socket == seat.socket;
  if (asked) {
    socket->answer(person.searcher->action, person.searcher->request_id, std::move(frame), true);
  } else {
    socket->send_counted(std::move(frame));
  }
  for (const rooms::HeldFrame& held : seat.take_held()) deliver_to(person, held);
}

json::array Hub::ice_for(const rooms::Seat& seat) const {
  return ice_servers(options_.ice, seat.self_alias, seat.relay, env_.clock.wall_ms() / 1000);
}

void Hub::mark_entered(UserId user, const RoomId& room) {
  rooms::Seat* seat = seat_of(user, room);
  if (!seat || seat->entered) return;
  seat->entered = true;
  matchmaker_->entered(user, room);
}

void Hub::do_ice_servers(const SocketPtr& socket, UserId user, const Action& action) {
  const auto& wanted = std::get<action::IceServers>(action.what);
  const rooms::Seat* seat = seat_of(user, wanted.room);
  if (!seat || wanted.room.empty() || seat->socket != socket->id) {
    refuse(socket, action, "not_in_room", "You are not in that room.", false);
    return;
  }
  mark_entered(user, wanted.room);
  const json::object frame{{"type", "ice_servers"},
                           {"ice_servers", ice_for(*seat)},
                           {"ttl_s", options_.ice.ttl.count()}};
  socket->answer(action.name, action.id, frame);
}

awaitable<void> Hub::do_leave(SocketPtr socket, UserId user, Action action) {
  const RoomId room = std::get<action::LeaveRoom>(action.what).room;
  const rooms::Seat* seat = seat_of(user, room);
  if (!seat || seat->socket != socket->id) {
    refuse(socket, action, "not_in_room", "You are not in that room.", false);
    co_return;
  }
  const std::int64_t lived = env_.clock.now_ms() - seat->since_ms;
  if (Person* person = find(user)) person->searcher.reset();
  co_await matchmaker_->close(user, room, match::CloseReason::left);
  const json::object closed{{"type", "room_closed"},
                            {"room_id", room.text()},
                            {"reason", "left"},
                            {"duration_ms", lived}};
  socket->answer(action.name, action.id, closed, true);
}

awaitable<void> Hub::do_next(SocketPtr socket, UserId user, Action action) {
  const action::Next next = std::get<action::Next>(action.what);
  const Person* person = find(user);
  const rooms::Seat* seat = seat_of(user, next.room);
  const bool ours = seat && seat->socket == socket->id;
  const bool over = person && !person->seat && person->past && person->past->room == next.room;
  if (!ours && !over) {
    refuse(socket, action, "not_in_room", "You are not in that room.", false);
    co_return;
  }
  action::FindMatch wanted;
  if (next.search) {
    wanted = *next.search;
  } else {
    wanted = person->last_search.value_or(action::FindMatch{});
    wanted.relay = wanted.relay || person->relay;  // The search may have been made elsewhere.
  }
  if (!can_hide(*person, wanted)) {
    refuse_to_hide(socket, action);
    co_return;
  }
  std::string problem;
  if (!make_search(*person, wanted, Profile::v1, problem)) {
    refuse(socket, action, "bad_request", problem, false);  // Nobody loses a call by a wrong word.
    co_return;
  }
  if (ours) {
    const std::int64_t lived = env_.clock.now_ms() - seat->since_ms;
    co_await matchmaker_->close(user, next.room, match::CloseReason::next);
    socket->send_counted(json::object{{"type", "room_closed"},
                                      {"room_id", next.room.text()},
                                      {"reason", "next"},
                                      {"duration_ms", lived}});
  }
  co_await start_search(std::move(socket), user, std::move(action), std::move(wanted));
}

void Hub::on_room_end(UserId user, const RoomId& room, match::CloseReason reason, bool by_self) {
  Person* person = find(user);
  if (!person || !person->seat || person->seat->room != room) return;
  const rooms::Seat seat = std::move(*person->seat);
  person->seat.reset();
  person->past = PastRoom{seat.room, seat.peer, seat.peer_alias};
  // The search of somebody whose partner never came goes on by itself.
  const bool goes_on = reason == match::CloseReason::no_show && seat.entered;
  if (!goes_on && !by_self) person->searcher.reset();
  if (goes_on) person->search_answered = true;
  const SocketPtr socket = person->socket(seat.socket);
  if (by_self || !socket || socket->profile == Profile::article) return;
  socket->send_counted(json::object{
      {"type", "partner_left"}, {"room_id", room.text()}, {"reason", told_reason(reason)}});
}

void Hub::on_peer_host(UserId user, const RoomId& room, bool alive) {
  if (!seat_of(user, room)) return;
  if (!alive) {
    spawn("lost_peer", watch_lost_peer(user, room));
  } else {
    tell_of_peer(user, room, true);
  }
}

}  // namespace seendr::app
