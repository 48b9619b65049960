// What Matchmaker is made of. Included by its sources only: matchmaker_calls.cpp (what others ask
// for), matchmaker_loops.cpp (what runs beside), matchmaker_drive.cpp (one person's way in and out
// of Redis), matchmaker_search.cpp (searches and claims), matchmaker_tail.cpp (the log),
// matchmaker_rooms.cpp (pairs and their ends), matchmaker_care.cpp (beats, sweeps, deadlines),
// matchmaker_recovery.cpp (snapshots, fail-over).
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "match/agenda.hpp"
#include "match/batcher.hpp"
#include "match/lag_guard.hpp"
#include "match/matchmaker.hpp"
#include "match/own_people.hpp"
#include "match/pool.hpp"
#include "match/probe.hpp"
#include "match/recovery.hpp"
#include "match/replica.hpp"
#include "match/waits.hpp"
#include "runtime/task_group.hpp"

namespace seendr::match {

// How long a person who was taken out is remembered, should a fail-over bring them back.
inline constexpr std::int64_t kRememberMs = 60'000;

class Matchmaker::State {
 public:
  State(const Env& env, Executor executor, redis::Client& commands, redis::Client& tail,
        StateServer& server, InterestNames names, Options options, std::string instance,
        PairSink& sink);

  // The calls of Matchmaker.
  awaitable<void> run();
  awaitable<std::optional<Told>> arrive(UserId user, Facts facts);
  awaitable<SearchOutcome> search(Search search);
  awaitable<SearchOutcome> lounge(Search search);
  awaitable<void> leave_lounge(UserId user);
  awaitable<bool> cancel(UserId user, std::string reason);
  awaitable<void> lost(UserId user);
  awaitable<void> back(UserId user);
  awaitable<void> depart(UserId user);
  awaitable<bool> close(UserId user, RoomId room, CloseReason reason);
  awaitable<std::optional<std::string>> seat_host(UserId user, RoomId room);
  awaitable<bool> follow_peer(UserId user, RoomId room);
  void entered(UserId user, const RoomId& room);
  void block(UserId a, UserId b);
  void unblock(UserId a, UserId b);
  Presence presence() const;
  std::string trouble();
  const std::string& instance() const { return instance_; }

 private:
  struct QueuedClaim {
    ClaimItem item;
    std::string instance_b;
    std::vector<std::string> shared;
    std::uint64_t quest = 0;
  };
  // What is known of two people at the moment when they become a pair.
  struct PairView {
    int score_a = 0;  // As a sees it.
    int score_b = 0;
    std::vector<std::pair<std::string, Millis>> waits;  // By language, of those who searched.
  };
  struct Pair {
    RoomId room;
    LogId claim;
    UserId a;
    UserId b;
    std::string instance_a;
    std::string instance_b;
    std::vector<std::string> shared;
  };
  struct Deadline {
    std::int64_t at_ms = 0;
    UserId user;
    RoomId room;               // Of a no-show.
    std::uint64_t losses = 0;  // Of a hold.
  };
  class Driving;
  class Waiter;

  std::int64_t now() const { return env_.clock.now_ms(); }
  Millis jittered(Millis time) const;  // By a tenth, either way.
  Person* here(UserId user);           // nullptr also for those who are gone.

  // matchmaker_drive.cpp
  void kick(UserId user);
  awaitable<void> drive(UserId user);
  awaitable<void> take_step(UserId user, Step step);
  awaitable<void> join(UserId user);
  awaitable<void> leave(UserId user);
  awaitable<void> hold(UserId user, bool held);
  awaitable<void> look(UserId user);
  awaitable<void> restore(UserId user);
  awaitable<std::optional<Pair>> read_pair(UserId user, RoomId room, UserId peer);
  awaitable<void> learn_seat(UserId user, RoomId room, UserId peer);
  awaitable<void> take_over_seat(UserId user);
  awaitable<void> settle_in(UserId user);
  awaitable<void> renew_session(UserId user);
  void joined(Person& person, const InPool& in_pool);
  void believe(Person& person, const std::optional<Record>& record);
  void displaced(Person& person);
  void postpone(Person& person);
  void settled(UserId user);
  awaitable<void> wait_settled(UserId user, Millis limit);

  // matchmaker_search.cpp
  awaitable<void> search_loop();
  awaitable<void> claim_loop();
  void plan_search(Person& person, Millis delay = Millis(0));
  void plan_end(const Person& person);
  void end_late(Person& person);
  void look_for_partner(Person& person);
  void queue_claim(Person& person, Candidate candidate);
  std::vector<QueuedClaim> take_claims();
  void release_claim(const QueuedClaim& claim, Millis delay);
  void settle_claim(const QueuedClaim& claim, const ClaimResult& result);
  void plan_next(Person& person);
  void report(Person& person, const Seeker& seeker, const Demand& demand, double waited_ms);
  void end_quest(Person& person, NoMatchReason reason);
  bool may_claim();
  bool admit();
  std::optional<WaitQuantiles> usual_wait(const Attributes& attributes, Millis waited) const;

  // matchmaker_tail.cpp
  awaitable<void> tail_loop();
  awaitable<void> read_once();
  void take_in(const LogEntry& entry);
  void heard(const event::Joined& e, LogId id);
  void heard(const event::Held& e, LogId id);
  void heard(const event::Left& e, LogId id);
  void heard(const event::Claimed& e, LogId id);
  void heard(const event::Ended& e, LogId id);
  void heard(const event::Seated& e, LogId id);
  void heard(const event::Beat& e, LogId id);
  void heard(const event::Blocked& e, LogId id);
  void heard(const event::Restarted& e, LogId id);
  void tell_hosts(const std::vector<std::string>& instances, bool alive);
  bool is_silent(const std::string& instance) const;

  // matchmaker_rooms.cpp
  PairView view(UserId a, UserId b);
  int score_for(UserId user, UserId other);
  void paired(const Pair& pair, const PairView& seen);
  std::optional<CloseReason> objection(const Person& person, UserId peer) const;
  void accept(Person& person, const Pair& pair, int score);
  void refuse(Person& person, const Pair& pair, CloseReason reason);
  void seat(Person& person, const Pair& pair);
  Told told_again(const Person& person) const;
  void note_recent(Person& person, UserId peer);
  awaitable<void> write_recent(UserId user, std::string recent);
  awaitable<bool> end_room(RoomId room, CloseReason reason, std::optional<UserId> by);
  awaitable<void> end_room_quietly(RoomId room, CloseReason reason);
  void room_over(RoomId room, CloseReason reason);

  // matchmaker_care.cpp
  awaitable<void> beat_loop();
  awaitable<void> beat();
  awaitable<void> evict();
  awaitable<void> sweep_loop();
  awaitable<void> watch_loop();
  void watch();
  awaitable<void> refresh_epoch();

  // matchmaker_recovery.cpp
  awaitable<void> set_all_right(std::optional<Lost> lost);
  awaitable<void> resync(std::optional<Lost> lost);
  awaitable<Snapshot> take_snapshot();
  awaitable<void> reconcile(std::optional<Lost> lost);
  awaitable<void> take_out_again();
  void set_right(Person& person, const std::optional<Record>& record,
                 const std::optional<Lost>& lost);

  awaitable<void> announce_block(UserId a, UserId b);
  awaitable<void> keep_running(const char* name, awaitable<void> (State::*loop)());

  Env env_;
  Executor executor_;
  redis::Client& commands_;
  redis::Client& tail_;
  StateServer& server_;
  InterestNames names_;
  Options options_;
  std::string instance_;
  PairSink& sink_;
  RelaxCurve curve_;
  Pool pool_;
  Probe probe_;
  TaskGroup tasks_;
  bool is_stopped_ = false;

  OwnPeople people_;
  std::unique_ptr<Replica> replica_;  // Null until the first snapshot.
  std::unordered_multimap<UserId, Timer*> waiters_;
  std::unordered_set<UserId> to_retry_;
  Batcher<JoinItem, Joined> joins_;
  Batcher<CloseItem, bool> closes_;

  Agenda agenda_;
  Timer search_timer_;
  std::uint64_t quests_ = 0;
  std::deque<QueuedClaim> claims_;
  Timer claim_timer_;
  double admit_tokens_;
  std::int64_t admit_ms_ = 0;

  std::unordered_map<RoomId, UserId> closing_;  // Rooms that are being closed, and by whom.
  std::vector<CloseItem> unclosed_;             // Whose close had no reply: to be repeated.
  std::deque<Deadline> no_shows_;
  std::deque<Deadline> holds_;
  std::vector<UserId> fresh_;  // Told of a pair since the last beat.
  Waits waits_;
  WaitsByLanguage waits_by_language_;

  LagGuard lag_;
  std::int64_t settle_until_ms_ = 0;
  bool is_reconciling_ = false;
  bool saw_stale_epoch_ = false;
  std::optional<Lost> must_reconcile_;  // Found in the log; done before the next read.
  bool must_resync_ = false;
  LogId newest_reply_;  // The newest entry that a reply to this process named.
  std::int64_t last_read_ms_ = 0;
};

}  // namespace seendr::match
