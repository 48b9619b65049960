// What passes between the two in a room, wherever they are connected.
#include "app/people/hub.hpp"
#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::app {

namespace {

constexpr std::size_t kFrameIdBytes = 8;

// Kinds of frames between the two. A receipt says that a socket has the frame `id`.
constexpr const char* kSignal = "signal";
constexpr const char* kChat = "chat_message";
constexpr const char* kTyping = "typing";
constexpr const char* kMedia = "media_state";
constexpr const char* kState = "partner_state";
constexpr const char* kReceipt = "receipt";

struct RoomAction {
  RoomId room;
  std::string kind;
  json::object body;
};

// The fields of a frame that is passed on to the partner.
RoomAction passed_on(const What& what) {
  if (const auto* signal = std::get_if<action::Signal>(&what)) {
    return RoomAction{signal->room, kSignal, signal->body};
  }
  if (const auto* chat = std::get_if<action::Chat>(&what)) {
    json::object body{{"text", chat->text}};
    if (!chat->client_msg_id.empty()) body["client_msg_id"] = chat->client_msg_id;
    return RoomAction{chat->room, kChat, std::move(body)};
  }
  if (const auto* typing = std::get_if<action::Typing>(&what)) {
    return RoomAction{typing->room, kTyping, json::object{{"active", typing->active}}};
  }
  const auto& media = std::get<action::MediaState>(what);
  return RoomAction{
      media.room, kMedia,
      json::object{{"audio", media.audio}, {"video", media.video}, {"screen", media.screen}}};
}

}  // namespace

awaitable<void> Hub::do_relay(SocketPtr socket, UserId user, Action action) {
  RoomAction wanted = passed_on(action.what);
  const rooms::Seat* seat = seat_of(user, wanted.room);
  if (!seat || seat->socket != socket->id) {
    refuse(socket, action, "not_in_room", "You are not in that room.", false);
    co_return;
  }
  mark_entered(user, wanted.room);
  rooms::RoomFrame frame{seat->room, user, seat->peer, wanted.kind, json::serialize(wanted.body)};
  const bool reached = co_await pass_on(std::move(frame));
  const bool must_reach = wanted.kind == kChat || wanted.kind == kSignal;
  if (!reached && must_reach) {
    refuse(socket, action, "overloaded", "The partner cannot be reached at the moment.", true);
  } else if (wanted.kind == kChat) {
    json::object ack{{"type", "message_ack"}, {"room_id", wanted.room.text()}};
    if (const auto* id = wanted.body.if_contains("client_msg_id")) ack["client_msg_id"] = *id;
    socket->answer(action.name, action.id, std::move(ack));
  }
}

// Chat, and signals while the partner is away, are kept until the partner's socket has them: the
// process that they are sent to may be dead by now. False: not sent, and not kept.
awaitable<bool> Hub::pass_on(rooms::RoomFrame frame) {
  const UserId user = frame.from;
  const RoomId room = frame.room;
  rooms::Seat* seat = seat_of(user, room);
  const bool away = seat->peer_lost || seat->catching_up;
  if (frame.kind == kChat || (frame.kind == kSignal && away)) {
    frame.id = to_hex(bytes(random_bytes(env_.random, kFrameIdBytes)));
    const bool kept = seat->keep(rooms::HeldFrame{frame.kind, frame.body, frame.id});
    if (!kept) co_return false;
    if (seat->catching_up) co_return true;
    seat->next_to_send();
  }
  const std::string id = frame.id;
  bool reached = false;
  std::exception_ptr failure;
  try {
    reached = co_await signalling_.relay(std::move(frame));
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  seat = seat_of(user, room);
  const bool waits = !failure && seat && seat->peer_lost && !id.empty();
  if (!reached && !waits && seat) seat->confirm(id);  // Whoever sent it is told so.
  if (failure) std::rethrow_exception(failure);
  co_return reached || waits;
}

// The partner is back, maybe on another process: what nobody confirmed is sent again, in order.
awaitable<void> Hub::catch_up(UserId user, RoomId room) {
  std::exception_ptr failure;
  try {
    for (;;) {
      rooms::Seat* seat = seat_of(user, room);
      std::optional<rooms::HeldFrame> next;
      if (seat) next = seat->next_to_send();
      if (!next) break;
      rooms::RoomFrame frame{room, user, seat->peer, next->kind, next->body, next->id};
      co_await signalling_.relay(std::move(frame));
    }
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  if (rooms::Seat* seat = seat_of(user, room)) seat->catching_up = false;
  if (failure) std::rethrow_exception(failure);
}

void Hub::confirm(const rooms::Seat& seat, const std::string& id) {
  relay(seat, kReceipt, json::object{{"id", id}});
}

void Hub::relay(const rooms::Seat& seat, std::string kind, json::object body) {
  spawn("relay", relay_frame(rooms::RoomFrame{seat.room, seat.self, seat.peer, std::move(kind),
                                              json::serialize(body)}));
}

awaitable<void> Hub::relay_frame(rooms::RoomFrame frame) {
  co_await signalling_.relay(std::move(frame));
}

// For Signalling: to a seat of this process. Membership is checked here, whoever sent the frame.
bool Hub::deliver(const rooms::RoomFrame& frame) {
  Person* person = find(frame.to);
  if (!person || !person->seat || !person->seat->is_with(frame.room, frame.from)) return false;
  rooms::Seat& seat = *person->seat;
  if (!frame.id.empty() && seat.knows(frame.id)) {  // Sent again; the receipt may have been lost.
    if (person->socket(seat.socket)) confirm(seat, frame.id);
    return true;
  }
  deliver_to(*person, rooms::HeldFrame{frame.kind, frame.body, frame.id});
  return true;
}

void Hub::deliver_to(Person& person, const rooms::HeldFrame& frame) {
  rooms::Seat& seat = *person.seat;
  std::optional<json::object> fields = json::parse_object(frame.body);
  if (!fields) return;
  if (frame.kind == kReceipt) {
    const json::value* id = fields->if_contains("id");
    if (id && id->is_string()) seat.confirm(std::string(id->get_string()));
    return;
  }
  if (frame.kind == kState) {
    const json::value* value = fields->if_contains("state");
    seat.peer_lost = value && value->is_string() && value->get_string() == "reconnecting";
    if (seat.peer_lost) seat.peer_lost_ms = env_.clock.now_ms();
    if (!seat.peer_lost) peer_is_back(person);
  }
  const bool shown = show(person, frame.kind, std::move(*fields));
  if (!shown) {
    seat.hold(frame);
  } else if (!frame.id.empty()) {
    seat.note(frame.id);
    confirm(seat, frame.id);
  }
}

void Hub::peer_is_back(Person& person) {
  rooms::Seat& seat = *person.seat;
  spawn("note_peer", note_peer(person.id(), seat.room));
  seat.send_again();
  if (!std::exchange(seat.catching_up, true)) {
    spawn("catch_up", catch_up(person.id(), seat.room));
  }
}

// Sends the frame to the socket that is in the call; false when that is lost.
bool Hub::show(Person& person, const std::string& kind, json::object fields) {
  const rooms::Seat& seat = *person.seat;
  const SocketPtr socket = person.socket(seat.socket);
  if (!socket) return false;
  if (socket->profile == Profile::article) return true;  // That dialogue knows match_found alone.
  json::object frame{{"type", kind}, {"room_id", seat.room.text()}};
  if (kind != kState) frame["from"] = seat.peer_alias;
  for (const auto& field : fields) frame[field.key()] = field.value();
  if (kind == kState || kind == kSignal || kind == kChat) {
    socket->send_counted(std::move(frame));
  } else if (kind == kTyping) {
    socket->send_low(frame);
  } else if (kind == kMedia) {
    socket->send(frame);
  }
  return true;
}

void Hub::tell_of_peer(UserId user, const RoomId& room, bool connected) {
  const rooms::Seat* seat = seat_of(user, room);
  if (!seat || seat->peer_lost == !connected) return;
  deliver_to(*find(user), rooms::HeldFrame{kState, json::serialize(peer_state(connected))});
}

}  // namespace seendr::app
