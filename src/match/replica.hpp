// The pool as the log tells it: applies entries in order to the engine, notices gaps, knows which
// processes live. Pure.
//
// A process is silent when its last beat is older than the newest beat in the log by more than a
// limit. So only what Redis wrote counts, and a reader that was paused does not take everybody
// for dead.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "match/engine.hpp"
#include "match/log_event.hpp"
#include "match/record.hpp"

namespace seendr::match {

// What Redis held at one moment, to begin with.
struct Snapshot {
  LogId position;  // The end of the log before the records were read.
  std::vector<std::pair<UserId, Record>> people;                // Somebody may be in it twice.
  std::vector<std::pair<std::string, std::int64_t>> instances;  // With their last beats.
};

class Replica {
 public:
  struct Settings {
    Millis rate_window{5000};
    Millis suspect{3000};
    Millis evict{6000};
  };

  Replica(Settings settings, Snapshot snapshot);

  // How an entry stands to what was read so far.
  enum class Order {
    next,
    old,  // Read before: to be ignored.
    gap,  // Entries between are missing: only a new snapshot helps.
  };
  Order order(LogId id) const;

  // What an entry did besides the change of the pool itself.
  struct Effect {
    std::vector<std::string> silent;  // Processes that are silent from now on.
    std::vector<std::string> back;    // Processes that were and no longer are.
  };

  // Takes in the next entry; `event` is empty for one that cannot be read. `now_ms`: any clock that
  // does not go back. Requires: order(id) == next.
  Effect apply(LogId id, const std::optional<LogEvent>& event, std::int64_t now_ms);

  LogId position() const { return position_; }
  Engine& engine() { return engine_; }
  const Engine& engine() const { return engine_; }

  std::size_t rooms() const { return rooms_.size(); }
  bool is_silent(const std::string& instance) const;

  // Processes silent for so long that their tickets are to be removed.
  std::vector<std::string> dead() const;

 private:
  struct Host {
    std::int64_t beat_ms = 0;
    bool silent = false;
  };

  void take_in(Ticket ticket, std::int64_t now_ms);
  void heard(const event::Beat& beat, Effect& effect);
  void note_host(const std::string& instance);

  struct Apply;

  Settings settings_;
  LogId position_;
  Engine engine_;
  std::unordered_map<RoomId, std::pair<UserId, UserId>> rooms_;
  std::map<std::string, Host> hosts_;
  std::int64_t newest_beat_ms_ = 0;
};

}  // namespace seendr::match
