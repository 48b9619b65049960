// The people whose sockets this process holds: who searches, who sits in which room, who is told
// what.
//
// One a process, on one executor (the matchmaker's); sockets of every event loop call it through
// call_on(). It turns actions of sockets into calls of the matchmaker, and what the matchmaker and
// other processes report into frames. Where a person's sockets are spread over processes, the seat
// in a room belongs to the process of the socket that is in the call.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "app/accounts/moderation.hpp"
#include "app/accounts/notifications.hpp"
#include "app/ice.hpp"
#include "app/limits.hpp"
#include "app/people/bus.hpp"
#include "app/people/cards.hpp"
#include "app/people/person.hpp"
#include "app/people/queue_feed.hpp"
#include "app/people/relay_wishes.hpp"
#include "app/people/trending_feed.hpp"
#include "app/presence.hpp"
#include "app/vocabulary.hpp"
#include "base/env.hpp"
#include "channels/layer.hpp"
#include "match/matchmaker.hpp"
#include "rooms/signalling.hpp"
#include "runtime/task_group.hpp"

namespace seendr::app {

struct HubOptions {
  IceOptions ice;
  Millis room_grace{15'000};
  Millis hold{10'000};
  std::size_t sockets_per_user = 10;  // 0: no limit.
  match::Profile article_score = match::Profile::count;
  match::Profile v1_score = match::Profile::rarity;
  Millis heartbeat{25'000};      // Told in `welcome`.
  Millis resume_window{15'000};  // Likewise: how long a room waits.
};

// What the hub works with; all must outlive it.
struct HubParts {
  redis::Client& redis;  // On the hub's executor.
  redis::Client& tail;   // For the matchmaker's log alone.
  match::StateServer& server;
  channels::Layer& layer;
  Users& users;
  Moderation& moderation;
  const Vocabulary& vocabulary;
  const PresenceBoard& board;
  Limits& limits;
  leaderboard::Trending& trending;
};

// What became of one search over HTTP.
struct OneSearch {
  enum class Kind { found, nobody, limited, refused };
  Kind kind = Kind::nobody;
  RoomId room;  // Of a match, and the partner's id.
  std::string partner;
  ratelimit::Decision limit;  // What it was limited by.
  std::string code;           // Why it was refused: an error code of the protocol, and a sentence.
  std::string message;
};

enum class Attached { ok, too_many, stopping };

class Hub final : public match::PairSink {
 public:
  // `alias_key`: a secret of the deployment, the same in every process.
  Hub(const Env& env, const Executor& executor, HubParts parts, match::Options match_options,
      HubOptions options, std::string instance, std::string alias_key);
  ~Hub() override;

  // The matchmaker's loops and our own; until cancelled. Who waits in the pool keeps the place for
  // Options::hold, to come back on another process.
  awaitable<void> run();

  // The process is about to stop: rooms outlive the sockets that go from now on, as there may be
  // no other process yet to come back to. From any thread.
  void drain();

  // Everything below is called on the hub's executor.

  // A socket of a signed-in person. In the article profile the person joins the pool; in seendr.v1
  // `welcome` is sent, and match_found again if they come back to a room.
  awaitable<Attached> attach(SocketPtr socket, Account account, std::string resume_token);
  awaitable<void> detach(SocketPtr socket, UserId user);

  // detach() from any thread, for who cannot wait for it.
  void abandon(SocketPtr socket, UserId user);

  // One action of an attached socket; answers go to the socket.
  awaitable<void> act(SocketPtr socket, UserId user, Action action);

  // One search of a person who may have no socket: they join as another tab of the article profile
  // would, and leave if nobody fits and no socket is open. A partner finds them in a room that
  // waits for their socket. `request_id` is for the log.
  awaitable<OneSearch> search_once(Account account, action::FindMatch wanted,
                                   std::string request_id);

  // Told to every process, this one included.
  awaitable<void> announce_banned(UserId user);
  awaitable<void> announce_session_ended(UserId user, std::string session_hash);
  awaitable<void> announce_gone(UserId user);  // The account was deleted.
  awaitable<void> announce_unblocked(Unblocked pair);

  // Shows what add_notification() returned on all pages of the person.
  awaitable<void> announce_notification(UserId user, json::object notification);

  // After the account was changed over HTTP: `user` is what it is now. Counts here when this
  // returns, and on other processes as soon as they have read it.
  awaitable<void> announce_account(User user);

  // A message of the channel layer for this process.
  void on_message(const std::string& channel, const channels::Message& message);

  PresenceKeeper::Local look() const;
  const match::Matchmaker& matchmaker() const { return *matchmaker_; }
  Executor executor() const { return executor_; }

  // Whether there is a relay, by which people may hide their address. From any thread.
  bool has_relay() const { return app::has_relay(options_.ice); }

  // People who were told of a match here, since the start. From any thread.
  std::uint64_t told_matches() const { return told_matches_.load(std::memory_order_relaxed); }

  // PairSink
  void on_match(const match::Told& told) override;
  void on_no_match(UserId user, match::NoMatchReason reason) override;
  void on_cancelled(UserId user, match::CancelReason reason) override;
  void on_progress(UserId user, const match::Progress& progress) override;
  void on_room_end(UserId user, const RoomId& room, match::CloseReason reason,
                   bool by_self) override;
  void on_peer_host(UserId user, const RoomId& room, bool alive) override;

 private:
  // The kinds of actions; each answers for itself.
  awaitable<void> do_find(SocketPtr socket, UserId user, Action action);
  awaitable<void> do_article_find(SocketPtr socket, UserId user, Action action);
  awaitable<void> do_cancel(SocketPtr socket, UserId user, Action action);
  awaitable<void> do_next(SocketPtr socket, UserId user, Action action);
  awaitable<void> do_leave(SocketPtr socket, UserId user, Action action);
  awaitable<void> do_relay(SocketPtr socket, UserId user, Action action);
  awaitable<void> do_report(SocketPtr socket, UserId user, Action action);
  awaitable<void> do_block(SocketPtr socket, UserId user, Action action);
  awaitable<void> part(UserId user, UserId other);
  awaitable<void> do_subscribe(SocketPtr socket, UserId user, Action action);
  awaitable<void> dispatch(SocketPtr socket, UserId user, Action action);
  awaitable<bool> passes(SocketPtr socket, UserId user, Action request, bool is_report);
  void do_ice_servers(const SocketPtr& socket, UserId user, const Action& action);

  // One search over HTTP (hub_once.cpp).
  struct OnceTab;
  awaitable<OneSearch> ask_once(std::shared_ptr<OnceTab> tab, UserId user,
                                action::FindMatch wanted);
  awaitable<void> leave_once(std::shared_ptr<OnceTab> tab, UserId user);

  // Finding a partner (hub_search.cpp).
  awaitable<void> start_search(SocketPtr socket, UserId user, Action action,
                               action::FindMatch wanted);
  std::optional<match::Search> make_search(const Person& person, const action::FindMatch& wanted,
                                           Profile profile, std::string& problem) const;
  awaitable<bool> enter_lounge(UserId user);
  bool can_hide(const Person& person, const action::FindMatch& wanted) const;
  void refuse_to_hide(const SocketPtr& socket, const Action& action);
  void refuse(const SocketPtr& socket, const Action& action, std::string_view code,
              std::string_view message, bool temporary);

  // Coming and going (hub_attach.cpp).
  struct Elsewhere {
    bool busy = false;                   // Another process has the seat, in use.
    std::vector<rooms::HeldFrame> held;  // What waited there for the person.
  };
  awaitable<void> come_back(UserId user);
  void try_again_later(Person& person);
  awaitable<void> wait_for_seat(UserId user);
  enum class Settling { opened, searching, waiting };  // Waiting for a room elsewhere to end.
  awaitable<bool> settle(SocketPtr socket, UserId user, std::string resume_token, Settling why);
  awaitable<Elsewhere> ask_elsewhere(bus::Arriving question);
  awaitable<void> forget_dead(UserId user);
  void take_seat(Person& person, const SocketPtr& socket, bool peer_silent = false);
  void send_welcome(const SocketPtr& socket, const Person& person) const;
  awaitable<void> forget_later(UserId user, std::uint64_t turn);
  awaitable<void> watch_lost_seat(UserId user, RoomId room);
  awaitable<void> watch_lost_peer(UserId user, RoomId room);
  awaitable<bool> follow_peer(UserId user, RoomId room);
  awaitable<void> note_peer(UserId user, RoomId room);
  json::object peer_state(bool connected) const;
  void tell_peer_state(const rooms::Seat& seat, bool connected);

  // Rooms (hub_rooms.cpp).
  rooms::Seat& open_seat(Person& person, const match::Told& told);
  awaitable<void> tell_match(UserId user, RoomId room, bool peer_silent);
  void send_match_found(Person& person, const Card& partner);
  rooms::Seat* seat_of(UserId user, const RoomId& room);
  void mark_entered(UserId user, const RoomId& room);
  std::string alias(const RoomId& room, UserId user) const;
  std::optional<PastRoom> room_to_judge(const Person& person, const RoomId& room) const;
  json::array ice_for(const rooms::Seat& seat) const;

  // What passes between the two in a room (hub_relay.cpp).
  awaitable<bool> pass_on(rooms::RoomFrame frame);
  bool deliver(const rooms::RoomFrame& frame);
  void deliver_to(Person& person, const rooms::HeldFrame& frame);
  bool show(Person& person, const std::string& kind, json::object fields);
  void peer_is_back(Person& person);
  void confirm(const rooms::Seat& seat, const std::string& id);
  awaitable<void> catch_up(UserId user, RoomId room);
  void relay(const rooms::Seat& seat, std::string kind, json::object body);
  awaitable<void> relay_frame(rooms::RoomFrame frame);
  void tell_of_peer(UserId user, const RoomId& room, bool connected);

  // What other processes and programs tell (hub_safety.cpp).
  void on_bus(const bus::Arriving& message);
  void on_bus(const bus::SeatAnswer& message);
  void on_bus(const bus::Banned& message);
  void on_bus(const bus::SessionEnded& message);
  void on_bus(const bus::Gone& message);
  void on_bus(const bus::Unblocked& message);
  void on_bus(const bus::AccountChanged& message);
  void on_bus(const bus::Notice& message);
  void show_notice(UserId user, const std::string& text);
  awaitable<void> answer_arriving(bus::Arriving message);
  awaitable<void> end_person(UserId user, std::uint16_t code, std::string said,
                             match::CloseReason reason);
  awaitable<void> end_banned(UserId user);
  awaitable<void> reload(UserId user, std::uint64_t turn);
  awaitable<void> end_gone(UserId user);

  Person* find(UserId user);
  void spawn(std::string name, awaitable<void> work) {
    tasks_.spawn(std::move(name), std::move(work));
  }

  Env env_;
  Executor executor_;
  HubParts parts_;
  HubOptions options_;
  std::string alias_key_;
  Cards cards_;
  RelayWishes relay_wishes_;
  TaskGroup tasks_;
  std::unique_ptr<match::Matchmaker> matchmaker_;
  rooms::Signalling signalling_;
  std::string channel_;  // Of this process in the channel layer; the receiver is its name.
  std::unordered_map<UserId, Person> people_;
  std::unordered_map<std::string, UserId> notices_;  // Person::notices to the person.
  TrendingFeed trending_feed_;
  QueueFeed queue_feed_;
  std::atomic<std::uint64_t> told_matches_{0};
  bool draining_ = false;
  bool stopping_ = false;

  // Questions on the bus that wait for answers, by person.
  struct Question {
    Timer* done = nullptr;
    std::optional<std::size_t> expected;  // Unknown until the question was sent.
    std::size_t answered = 0;
    bool busy = false;
    std::vector<rooms::HeldFrame> held;
  };
  std::unordered_map<UserId, Question> questions_;

  Gauge& online_;
};

}  // namespace seendr::app
