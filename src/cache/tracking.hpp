// Keeps the level in the process true: Redis tells it which keys changed (CLIENT TRACKING).
//
// RESP2: the connection that reads asks Redis to send the names of keys that it read and that
// changed to another connection, which listens. When either breaks, the memory is emptied, and not
// used until both are there again. Tracking is asked for in front of the first read on each new
// connection, in the same write, so nothing needs to be told of reconnects.
// Source: https://redis.io/docs/latest/develop/reference/client-side-caching/
#pragma once

#include <cstdint>

#include "cache/memory.hpp"
#include "redis/subscriber.hpp"

namespace seendr::cache {

class Tracking {
 public:
  // `client` is the one that reads; it and `memory` must outlive the tracking. Everything that
  // `client` reads is tracked: share it with nobody who reads what is not cached.
  Tracking(const Env& env, redis::Client& client, Memory& memory);

  // Listens until cancelled. Without it the memory is never used.
  awaitable<void> run();

  // Whether what is in the memory may be served. Empties it when not.
  bool usable();

  // Puts the command that switches tracking on in front of a pipeline, if it takes one; returns
  // whether what is read behind it may be kept once answered() was told of the reply.
  struct Armed {
    bool keeps = false;
    bool added = false;  // The first reply is that of the command.
    std::int64_t listener = 0;
  };
  Armed arm(redis::Pipeline& pipeline) const;
  void answered(const Armed& armed, const redis::Reply& reply);

  std::uint64_t invalidations() const { return invalidations_; }  // Keys heard of so far.

 private:
  redis::ClientOptions listening();
  redis::SubscriberEvents events();
  awaitable<void> learn_id(redis::Connection& connection);
  void changed(const std::vector<std::string>& keys);
  bool active() const;

  Env env_;
  redis::Client& client_;
  Memory& memory_;
  std::int64_t candidate_ = 0;  // The id of the newest listening connection.
  std::int64_t listener_ = 0;   // The same once it is subscribed; 0 while there is none.
  std::int64_t armed_for_ = 0;  // The listener that was named in CLIENT TRACKING ...
  std::uint64_t armed_on_ = 0;  // ... and the connection on which it was.
  bool told_refusal_ = false;
  std::uint64_t invalidations_ = 0;
  redis::Subscriber subscriber_;
};

}  // namespace seendr::cache
