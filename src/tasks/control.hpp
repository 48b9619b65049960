// Celery's remote control ("pidbox") and events: what all workers are told, and what they tell.
// Pure.
//
// Both are kombu envelopes with a JSON body, published to one channel for all, or put into the list
// of the one who asked. Format: docs/tasks.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.hpp"
#include "base/json.hpp"

namespace seendr::tasks {

struct ControlRequest {
  std::string method;  // "revoke", "ping"
  json::object arguments = {};
  std::optional<std::vector<std::string>> destination = {};  // Names of nodes; none: all.
  std::string pattern = {};                                  // Which nodes, as a glob; empty: all.
  std::string ticket = {};                                   // Names the question in its answers.
  std::string reply_to = {};  // Routing key of the one who asked; empty: no answer is wanted.
  std::int64_t clock = 0;     // The sender's Lamport clock.
};

// The pub/sub channel of the workers of one database.
std::string control_channel(int database);

// The set of those who wait for answers, by routing key.
inline constexpr const char* kReplyBinding = "_kombu.binding.reply.celery.pidbox";

// What is published there, to every worker and without an answer.
std::string encode_control(const ControlRequest& request, Random& random);

// nullopt for what is not such a request.
std::optional<ControlRequest> decode_control(std::string_view envelope);

// Whether the node is meant.
bool is_meant(const ControlRequest& request, const std::string& node);

// What the node answers to the one who asked.
std::string encode_answer(const ControlRequest& request, const std::string& node,
                          json::value answer, std::int64_t clock, Random& random);

// The tasks that a request revokes; none when it asks for something else.
std::vector<std::string> revoked_by(const ControlRequest& request);

// Events go to a channel of their routing key: "worker.heartbeat", "task.multi".
std::string event_channel(int database, std::string_view routing_key);

// One event, or an array of them.
std::string encode_event(json::value body, const std::string& node, std::string_view routing_key,
                         Random& random);

}  // namespace seendr::tasks
