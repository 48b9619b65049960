// Hears from Redis which keys changed of those that a client read (CLIENT TRACKING).
//
// RESP2: the connection that reads asks Redis to send the names of keys that it read and that
// changed to another connection, which listens. A name comes once: who wants to hear of the next
// change reads again. Tracking is asked for in front of the first read on each new connection, in
// the same write.
// Source: https://redis.io/docs/latest/develop/reference/client-side-caching/
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "redis/subscriber.hpp"

namespace seendr::redis {

// Called on the client's executor; they must not throw.
struct InvalidationEvents {
  // These keys changed; without names all may have.
  std::function<void(const std::vector<std::string>& keys)> changed;

  // From here on changes are missed, until a read on new connections was armed.
  std::function<void()> lost = [] {
  };

  // A connection was made, of the reader or of the listener: what is read now can be armed again.
  std::function<void()> renewed = [] {
  };
};

// For a reader that only wants to look again, whatever changed.
inline InvalidationEvents look_again(const std::function<void()>& wake) {
  InvalidationEvents events;
  events.changed = [wake](const std::vector<std::string>&) {
    wake();
  };
  events.renewed = wake;
  return events;
}

// Which changes are told.
enum class Writers : std::uint8_t { all, others };  // others: not what the reading client writes.

// Used on the client's executor. Redis remembers everything that `client` reads from the first
// armed read on: share it with nobody who reads much else. run() must have ended before this is
// destroyed.
class Invalidations {
 public:
  // `client` is the one that reads, and must outlive this.
  Invalidations(const Env& env, Client& client, Writers writers, InvalidationEvents events);

  // Listens until cancelled, over reconnects.
  awaitable<void> run();

  // Puts the command that switches tracking on in front of a pipeline, if it takes one.
  // `keeps` says whether changes of what is read behind it will be told, once answered() was given
  // the first reply.
  struct Armed {
    bool keeps = false;
    bool added = false;  // The first reply is that of the command.
    std::int64_t listener = 0;
  };
  Armed arm(Pipeline& pipeline) const;
  void answered(const Armed& armed, const Reply& reply);

  // Whether both connections are those of the last armed read: changes of what was read are told.
  bool active() const;

 private:
  ClientOptions listening();
  SubscriberEvents subscriber_events();
  awaitable<void> learn_id(Connection& connection);

  Env env_;
  Client& client_;
  Writers writers_;
  InvalidationEvents events_;
  std::int64_t candidate_ = 0;  // The id of the newest listening connection.
  std::int64_t listener_ = 0;   // The same once it is subscribed; 0 while there is none.
  std::int64_t armed_for_ = 0;  // The listener that was named in CLIENT TRACKING ...
  std::uint64_t armed_on_ = 0;  // ... and the connection on which it was.
  bool told_refusal_ = false;
  Subscriber subscriber_;
};

}  // namespace seendr::redis
