// A connection in subscribe mode, which subscribes again by itself after a loss.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "redis/client.hpp"

namespace seendr::redis {

struct Message {
  std::string channel;
  std::string payload;
};

// Called on the subscriber's executor; they must not throw.
struct SubscriberEvents {
  std::function<void(Message)> message;

  // The names of changed keys, to a connection that is the REDIRECT of another's CLIENT TRACKING
  // and subscribed to __redis__:invalidate; no names when all keys may have changed.
  std::function<void(const std::vector<std::string>& keys)> invalidated =
      [](const std::vector<std::string>&) {
      };

  // A connection was made and every channel subscribed to; `again` when there was one before, so
  // that messages may have been missed.
  std::function<void(bool again)> subscribed = [](bool) {
  };

  // The connection broke: from here on messages are missed.
  std::function<void()> lost = [] {
  };
};

// Used on one executor. run() must have ended before it is destroyed.
class Subscriber {
 public:
  // Of the options, command_timeout is how long the server may be silent: after a quarter of it
  // without a message it is asked for a sign of life. on_connect runs before SUBSCRIBE.
  Subscriber(const Env& env, const Executor& executor, ClientOptions options,
             SubscriberEvents events);
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;
  ~Subscriber();

  // Connects, and connects again after each loss, until it is cancelled.
  awaitable<void> run();

  // Takes effect at once, or with the next connection. Twice is once.
  void subscribe(std::string channel);
  void unsubscribe(const std::string& channel);

  // Returns when Redis has confirmed every channel asked for so far; throws timed_out.
  awaitable<void> wait_subscribed(Millis limit);

  bool connected() const;

 private:
  struct State;

  std::shared_ptr<State> state_;
};

}  // namespace seendr::redis
