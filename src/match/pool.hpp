// The waiting people in Redis: every change is one atomic script. See matching.md 3 and 4.
//
// Nothing outside these scripts decides who is paired. Times are milliseconds; leases and fences
// count by the clock of Redis. At most 16 items a batch.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "match/error.hpp"
#include "match/log_reader.hpp"
#include "match/record.hpp"
#include "match/report.hpp"
#include "match/state_server.hpp"
#include "redis/script.hpp"

namespace seendr::match {

// What enter() found.
struct Entrance {
  std::uint64_t session = 0;  // Greater than any given out for this person before.
  std::string shard_before;   // Empty: none.
  std::string recent;         // Partners of late, as written by remember_recent().
};

struct JoinItem {
  UserId user;
  std::uint64_t session = 0;
  std::int64_t t0_ms = 0;  // 0: now.
  std::string attributes;
  std::string interests;
};

// Outcomes of scripts.
struct InPool {
  LogId version;
  std::int64_t t0_ms = 0;
};
struct InRoom {
  RoomId room;
  UserId peer;  // Of join() only.
};
struct StaleSession {
  std::uint64_t current = 0;  // The number that rules.
};
struct Done {};     // It was there and is gone now, or is done.
struct Nothing {};  // There was no ticket.
using Joined = std::variant<InPool, InRoom, StaleSession>;
using Leaving = std::variant<Done, Nothing, InRoom, StaleSession>;
using Restored = std::variant<Done, InRoom, StaleSession>;

struct ClaimItem {
  UserId a;
  LogId version_a;
  UserId b;
  LogId version_b;
  RoomId room;
  std::string shared;  // Slugs with commas.
};

// With an id the pair was made; else who was free.
struct ClaimResult {
  std::optional<LogId> id;
  bool a_was_free = false;
  bool b_was_free = false;
};

struct CloseItem {
  RoomId room;
  CloseReason reason = CloseReason::gone;
};

struct Seat {
  UserId user;
  std::string instance;
  std::uint64_t session = 0;
  RoomId room;
  UserId peer;
  LogId claim;
  std::string shared;
};

// A value but for what it refers to, which must outlive it. Every call throws what redis::Client
// throws, and system_error with Errc::stale_epoch when Redis changed hands; then nothing was done.
class Pool {
 public:
  struct Settings {
    std::string shard = "all";
    std::size_t log_max = 500'000;
    Millis trending_ttl{8LL * 24 * 3600 * 1000};
  };

  Pool(redis::Client& redis, StateServer& server, Settings settings);

  // Of a person, in no shard: their sessions and recent partners.
  awaitable<Entrance> enter(UserId user);
  awaitable<void> remember_recent(UserId user, std::string recent);

  // Puts people into the pool or replaces their tickets; somebody in a room is taken over.
  awaitable<std::vector<Joined>> join(std::vector<JoinItem> people, std::string instance,
                                      Millis lease);

  // Takes a ticket out; with a fence, joins with an older session are refused for that long.
  awaitable<Leaving> leave(UserId user, std::uint64_t session, std::string reason, Millis fence);

  // True if the ticket was there and now is held (`held`), or available again.
  awaitable<bool> hold(UserId user, LogId version, bool held, Millis lease);

  // `epoch`: the one in which the tickets were seen.
  awaitable<std::vector<ClaimResult>> claim(std::vector<ClaimItem> pairs, std::uint64_t epoch,
                                            Millis ack);

  // Per room whether this call ended it.
  awaitable<std::vector<bool>> close(std::vector<CloseItem> rooms);

  // Returns the time of the server.
  awaitable<std::int64_t> beat(std::string instance, Millis lease, std::vector<UserId> people);

  // Returns how many were due, at most `limit`.
  awaitable<std::size_t> sweep(std::size_t limit);

  awaitable<std::size_t> evict(std::string reason, std::vector<std::pair<UserId, LogId>> tickets);
  awaitable<Restored> restore(Seat seat, Millis lease);

  // Tells every host that `a` blocked `b`.
  awaitable<void> announce_block(UserId a, UserId b);

  // Reads. records(): one for each person, in their order.
  awaitable<std::vector<std::optional<Record>>> records(std::vector<UserId> people);
  awaitable<std::optional<RoomRow>> room(RoomId room);
  awaitable<LogId> log_end();
  awaitable<std::vector<std::pair<std::string, std::int64_t>>> instances();  // With last beats.

  // One step through all people, for snapshots. Begin with cursor "0"; it is "0" again at the end.
  // Somebody may come twice.
  struct Page {
    std::string cursor;
    std::vector<std::pair<UserId, Record>> people;
  };
  awaitable<Page> scan(std::string cursor);

  // Entries after `after`; waits for the first one up to `wait`, then returns none. On the client
  // given, which waits with it.
  awaitable<std::vector<LogEntry>> read_log(redis::Client& tail, LogId after, Millis wait);

 private:
  struct Scripts {
    redis::Script enter, join, leave, hold, claim, close, beat, sweep, evict, restore;
    Scripts();
  };

  std::vector<std::string> arguments(std::uint64_t epoch) const;
  awaitable<redis::Reply> run(const redis::Script& script, std::vector<std::string> argv,
                              bool counts = false);

  redis::Client& redis_;
  StateServer& server_;
  Settings settings_;
  std::array<std::string, 7> keys_;
  Scripts scripts_;
};

}  // namespace seendr::match
