// Pushes how many people are here and search to the sockets that asked for it: at first all
// figures, then changes.
#pragma once

#include <cstdint>
#include <map>

#include "app/presence.hpp"
#include "app/socket/socket.hpp"
#include "app/vocabulary.hpp"
#include "base/json.hpp"

namespace seendr::app {

// {"online", "searching", "wait_ms", "interests"} as counted: `wait_ms` is {"p50", "p90"}, null
// until enough people were matched; `interests` is {slug: people searching}, without zeros.
json::object queue_figures(const PresenceView& view, const Vocabulary& vocabulary);

// The fields that are another in `now` than in `before`, both queue_figures(). Of `interests` those
// with another number, 0 where nobody searches any more. Empty when nothing changed.
json::object queue_changes(const json::object& before, const json::object& now);

// On one executor. A socket is told no more often than once in `every`, and only of changes.
class QueueFeed {
 public:
  // Both must outlive the feed.
  QueueFeed(const PresenceBoard& board, const Vocabulary& vocabulary, Millis every = Millis(1000));

  // The figures as the socket will be told changes to.
  json::object join(const SocketPtr& socket);
  void leave(std::uint64_t socket_id);

  awaitable<void> run();  // Until cancelled.

 private:
  json::object look() const { return queue_figures(*board_.view(), vocabulary_); }

  const PresenceBoard& board_;
  const Vocabulary& vocabulary_;
  Millis every_;
  std::map<std::uint64_t, SocketPtr> listeners_;
  json::object shown_;  // What all listeners know.
};

}  // namespace seendr::app
