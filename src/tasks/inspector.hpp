// Looks at what waits, runs and is delayed. Changes nothing but by purge().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis/client.hpp"
#include "tasks/message_format.hpp"

namespace seendr::tasks {

enum class Stage : std::uint8_t { waiting, running, delayed };

constexpr std::string_view name(Stage stage) {
  switch (stage) {
    case Stage::waiting:
      return "waiting";
    case Stage::running:
      return "running";
    default:
      return "delayed";
  }
}

struct SeenTask {
  Stage stage = Stage::waiting;
  std::string list;         // Of its queue and step.
  std::string worker;       // running: who holds it, the front of the delivery's name.
  std::int64_t due_ms = 0;  // delayed: Unix time of Redis at which it goes to its list.
  result<Message> message;  // What is wrong with it, when it cannot be read.
};

// Numbers of messages.
struct QueueSize {
  std::string queue;
  std::size_t waiting = 0;
};
struct Sizes {
  std::vector<QueueSize> queues;
  std::size_t running = 0;
  std::size_t delayed = 0;
  std::size_t dead = 0;
};

class Inspector {
 public:
  explicit Inspector(redis::Client& redis) : redis_(redis) {}  // Used on its executor.

  awaitable<Sizes> sizes(std::vector<std::string> queues);

  // At most `limit`. Waiting: in the order in which they will be taken; delayed: the next first;
  // running: in no order.
  awaitable<std::vector<SeenTask>> waiting(std::string queue, std::size_t limit);
  awaitable<std::vector<SeenTask>> running(std::size_t limit);
  awaitable<std::vector<SeenTask>> delayed(std::size_t limit);

  // The task with that id, if it is among the first 10,000 of each of these places.
  awaitable<std::optional<SeenTask>> find(std::string id, std::vector<std::string> queues);

  // Drops what waits in the queue; what runs and what is delayed stays. Returns how many.
  awaitable<std::size_t> purge(std::string queue);

 private:
  redis::Client& redis_;
};

}  // namespace seendr::tasks
