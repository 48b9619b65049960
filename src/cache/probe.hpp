// Counts what the cache does, by class of keys.
//
// The class of a key is what stands before its first ':' ("profile" for "profile:17"), if that is a
// short word in lower case; else, and for the 65th class and later ones, "other".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/env.hpp"

namespace seendr::cache {

// Of one class, since the process began; several caches of a process add up.
struct Counts {
  std::uint64_t memory_hits = 0;
  std::uint64_t redis_hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t stale = 0;   // Expired values that were served.
  std::uint64_t loads = 0;   // That succeeded.
  std::uint64_t failed = 0;  // Loads that did not.
  double load_seconds = 0;
  std::uint64_t bytes_read = 0;     // As stored in Redis.
  std::uint64_t bytes_written = 0;  // As stored in Redis.
};

class Probe {
 public:
  explicit Probe(Metrics& metrics);

  // The counters of one class; the reference stays good.
  struct Class {
    Counter& memory_hits;
    Counter& redis_hits;
    Counter& misses;
    Counter& stale;
    Counter& loads;
    Counter& failed;
    Counter& load_seconds;
    Counter& bytes_read;
    Counter& bytes_written;
  };
  Class& of(std::string_view key_name);

  std::map<std::string, Counts> counts() const;

  void redis_failed() { redis_failures_.Increment(); }
  void unreadable() { unreadable_.Increment(); }
  void memory(std::size_t bytes);  // What the level in the process holds now.

 private:
  Class make(const std::string& name);

  Metrics& metrics_;
  std::map<std::string, Class, std::less<>> classes_;
  Counter& redis_failures_;
  Counter& unreadable_;
  Gauge& memory_bytes_;
  std::size_t reported_bytes_ = 0;
};

}  // namespace seendr::cache
