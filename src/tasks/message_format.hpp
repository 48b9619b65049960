// The bytes of one task message: Celery's message protocol 2 in kombu's envelope for Redis. Pure.
//
// An envelope is a JSON object with headers, properties and a body, which is the base64 of the JSON
// [args, kwargs, embed]. Format: docs/tasks.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/env.hpp"
#include "base/json.hpp"
#include "tasks/error.hpp"
#include "tasks/iso_time.hpp"

namespace seendr::tasks {

// What is read and enqueued, so that no message costs more than some tens of MiB of memory.
inline constexpr std::size_t kMaxBody = 4 * 1024 * 1024;      // Bytes of the body's JSON.
inline constexpr std::size_t kMaxEnvelope = 8 * 1024 * 1024;  // Bytes of all, the body in base64.
inline constexpr std::size_t kMaxValues = 250'000;  // Values and keys, of each of the two.

struct Message {
  std::string id;
  std::string task;  // The name its handler is registered by.
  json::array args;  // Dates, decimals, UUIDs of newer kombu (tagged objects) are plain text.
  json::object kwargs;
  json::object embed;                       // callbacks, errbacks, chain, chord.
  std::optional<Time> eta;                  // Not before.
  std::optional<Time> expires;              // Not after.
  int retries = 0;                          // Attempts that were made before this one.
  std::optional<double> time_limit_s;       // What the sender allows for one attempt ...
  std::optional<double> soft_time_limit_s;  // ... which a Python task is told of after this.
  int priority = 0;                         // 0 (served first) to 9.
  bool ignore_result = false;
  std::string root_id;       // The first task of the tree; empty: this one.
  std::string parent_id;     // The task that enqueued this one; may be empty.
  std::string reply_to;      // Carried along.
  std::string queue;         // Where it was sent to; of one that is held, where it was taken from.
  std::string delivery_tag;  // Names this copy of the message while a worker holds it.
  int deliveries = 0;        // Workers that took it and were lost; Seendr's own header.
  json::object headers;      // As they came, with those we do not know. encode() goes on from them.
};

// The envelope. Headers and properties that Python's workers cannot do without are always there.
std::string encode(const Message& message);

// The same, or too_large for what decode() would refuse.
result<std::string> encode_within_limits(const Message& message);

// Reads what Celery 4 to 5.6 and older ones (protocol 1) write, and what their workers accept.
// Returns why not: a message that hurts a Python worker is only refused.
result<Message> decode(std::string_view envelope);

// The same envelope as it is put back for another worker: marked as redelivered, `lost_workers`
// more deliveries. What is no JSON object, or too large, stays as it is.
std::string redelivered(std::string envelope, int lost_workers);

// 32 hex digits with dashes, as Python's uuid4().
std::string make_uuid(Random& random);

}  // namespace seendr::tasks
