// Keeps the level in the process true: Redis tells it which keys changed.
//
// When the connection that reads or the one that listens breaks, the memory is emptied, and not
// used until both are there again.
#pragma once

#include <cstdint>

#include "cache/memory.hpp"
#include "redis/invalidations.hpp"

namespace seendr::cache {

class Tracking {
 public:
  using Armed = redis::Invalidations::Armed;

  // `client` is the one that reads; it and `memory` must outlive the tracking. Everything that
  // `client` reads is tracked: share it with nobody who reads what is not cached.
  Tracking(const Env& env, redis::Client& client, Memory& memory);

  // Listens until cancelled. Without it the memory is never used.
  awaitable<void> run();

  // Whether what is in the memory may be served. Empties it when not.
  bool usable();

  // As redis::Invalidations': what is read behind it may be kept if Armed::keeps.
  Armed arm(redis::Pipeline& pipeline) const { return changes_.arm(pipeline); }
  void answered(const Armed& armed, const redis::Reply& reply) { changes_.answered(armed, reply); }

  std::uint64_t invalidations() const { return invalidations_; }  // Keys heard of so far.

 private:
  redis::InvalidationEvents events();
  void changed(const std::vector<std::string>& keys);

  Memory& memory_;
  std::uint64_t invalidations_ = 0;
  redis::Invalidations changes_;
};

}  // namespace seendr::cache
